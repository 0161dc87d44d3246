using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>
/// What a small message waits behind, counted in bytes on the link, not in time: what the link already holds, a batch that was being
/// written, and one share of each bulk stream; never their queues, and never their windows.
/// </summary>
public sealed class FairnessTests
{
    private const int LinkCapacity = 64 * 1024;
    private const int Batch = 64 * 1024;
    private const int Share = 16 * 1024;
    private const int Queued = 2 * 1024 * 1024; // of each bulk stream

    private static readonly YamuxOptions s_options = new() { SendQueue = Queued };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public async Task A_small_message_waits_behind_one_share_of_each_bulk_stream_however_much_they_have_queued(int bulkStreams)
    {
        await using ScriptedPeer peer = new(s_options, ConnectionRole.Initiator, linkCapacity: LinkCapacity);
        IMuxedStream small = await OpenAsync(peer, 1);
        List<IMuxedStream> bulk = [];
        for (int i = 0; i < bulkStreams; i++)
        {
            bulk.Add(await OpenAsync(peer, (uint)(2 * i) + 3));
        }

        foreach (IMuxedStream stream in bulk)
        {
            await stream.Output.WriteAsync(new byte[Queued]); // queued, since nobody reads the link
        }

        await small.Output.WriteAsync(new byte[] { 1 });
        long ahead = 0;
        long after = 0;
        bool hasCome = false;
        while (ahead + after < (long)bulkStreams * Queued)
        {
            (FrameHeader header, byte[] body) = await peer.ReceiveAsync();
            hasCome |= header.StreamId == small.Id;
            ahead += header.StreamId == small.Id || hasCome ? 0 : body.Length;
            after += header.StreamId == small.Id || !hasCome ? 0 : body.Length;
        }

        Assert.True(hasCome);
        Assert.InRange(ahead, 1, LinkCapacity + Batch + Math.Max(Batch, bulkStreams * Share));
    }

    [Fact]
    public async Task Every_small_message_of_a_dialogue_waits_behind_as_little()
    {
        await using ScriptedPeer peer = new(s_options, ConnectionRole.Initiator, linkCapacity: LinkCapacity);
        IMuxedStream small = await OpenAsync(peer, 1);
        IMuxedStream bulk = await OpenAsync(peer, 3);
        await bulk.Output.WriteAsync(new byte[Queued]);

        // What is read from the link makes room for more of the bulk, until it is all sent.
        long worst = 0;
        long all = 0;
        for (int message = 0; all < Queued - (4 * Batch); message++)
        {
            await small.Output.WriteAsync(new byte[] { 1 });
            long ahead = 0;
            while (true)
            {
                (FrameHeader header, byte[] body) = await peer.ReceiveAsync();
                if (header.StreamId == small.Id)
                {
                    break;
                }

                ahead += body.Length;
            }

            worst = Math.Max(worst, ahead);
            all += ahead;
        }

        Assert.InRange(worst, 1, LinkCapacity + (2 * Batch));
    }

    /// <summary>Opens a stream with more window than is ever used.</summary>
    private static async Task<IMuxedStream> OpenAsync(ScriptedPeer peer, uint number)
    {
        IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
        await peer.ExpectAsync(Update(FrameFlags.Syn, number));
        await peer.SendAsync(Update(FrameFlags.Ack, number, 64 * 1024 * 1024));
        Assert.Empty(await peer.SettleAsync());
        return stream;
    }
}
