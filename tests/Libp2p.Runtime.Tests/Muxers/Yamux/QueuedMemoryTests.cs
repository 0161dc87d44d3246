using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>What streams have to send and the remote does not take is memory like any other: charged, bounded, given back.</summary>
public sealed class QueuedMemoryTests
{
    private const int Free = 4 * 1024; // of each stream

    [Fact]
    public async Task Unsent_bytes_are_charged_until_the_remote_takes_them()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        IMuxedStream stream = await OpenStuckAsync(peer, 1);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[100_000]).AsTask();
        await peer.SettleAsync();

        Assert.InRange(peer.Subject.Memory.Used, 100_000, 2 * 100_000);
        Assert.False(writing.IsCompleted);
        await peer.SendAsync(Update(FrameFlags.None, 1, 100_000));
        await writing;
        await peer.SettleAsync();

        Assert.Equal(0, peer.Subject.Memory.Used);
    }

    [Fact]
    public async Task Small_messages_cost_the_account_nothing()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxQueued = 0 }, ConnectionRole.Initiator);
        for (uint stream = 1; stream < 200; stream += 2)
        {
            IMuxedStream stuck = await OpenStuckAsync(peer, stream);
            stuck.Output.GetSpan(Free);
            stuck.Output.Advance(Free);
            _ = stuck.Output.FlushAsync().AsTask();
        }

        Assert.Equal(0, peer.Subject.Memory.Used);
        Assert.All(peer.Subject.GetState().Streams, stream => Assert.Equal(Free, stream.Queued));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_memory_bytes_are_written_piece_by_piece_as_the_remote_takes_them(bool isScopeFull)
    {
        await using ScriptedPeer peer = isScopeFull
            ? new(role: ConnectionRole.Initiator, scope: new TestScope(0))
            : new(new YamuxOptions { MaxQueued = 0 }, ConnectionRole.Initiator);
        byte[] bytes = new byte[50_000];
        new Random(1).NextBytes(bytes);
        IMuxedStream stream = await OpenStuckAsync(peer, 1);
        Task<FlushResult> writing = stream.Output.WriteAsync(bytes).AsTask();
        List<byte> received = [];
        while (received.Count < bytes.Length)
        {
            await peer.SettleAsync();
            Assert.InRange(Assert.Single(peer.Subject.GetState().Streams).Queued, 1, Free);
            Assert.False(writing.IsCompleted);
            await peer.SendAsync(Update(FrameFlags.None, 1, Free));
            for (int credit = Free; credit > 0 && received.Count < bytes.Length;)
            {
                byte[] body = (await peer.ReceiveAsync()).Body;
                received.AddRange(body);
                credit -= body.Length;
            }
        }

        await writing;
        Assert.Equal(bytes, received);
    }

    [Fact]
    public async Task Without_memory_a_large_message_fails_and_what_others_hold_is_given_back()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxQueued = 64 * 1024 }, ConnectionRole.Initiator);
        IMuxedStream greedy = await OpenStuckAsync(peer, 1);
        greedy.Output.GetSpan(64 * 1024);
        greedy.Output.Advance(64 * 1024);
        _ = greedy.Output.FlushAsync().AsTask();
        IMuxedStream other = await OpenStuckAsync(peer, 3);

        Assert.Throws<LimitExceededException>(() => other.Output.GetSpan(Free + 1).Length);
        greedy.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Given up"));
        await peer.SettleAsync();

        Assert.Equal(0, peer.Subject.Memory.Used);
        Assert.InRange(other.Output.GetSpan(Free + 1).Length, Free + 1, int.MaxValue);
        other.Output.Advance(0);
    }

    [Fact]
    public async Task Who_waits_for_memory_hears_that_the_stream_is_over()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxQueued = 0 }, ConnectionRole.Initiator);
        IMuxedStream stream = await OpenStuckAsync(peer, 1);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[50_000]).AsTask();
        await peer.SendAsync(Update(FrameFlags.Rst, 1, 7));

        StreamResetException reset = await Assert.ThrowsAsync<StreamResetException>(() => writing);
        Assert.Equal(7u, reset.Reason.Code.Value);
    }

    /// <summary>Opens a stream whose window the remote has let run dry.</summary>
    private static async Task<IMuxedStream> OpenStuckAsync(ScriptedPeer peer, uint number)
    {
        IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
        Assert.Equal(number, stream.Id);
        await peer.ExpectAsync(Update(FrameFlags.Syn, number));
        await peer.SendAsync(Update(FrameFlags.Ack, number));
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[Window]).AsTask();
        for (int taken = 0; taken < Window;)
        {
            taken += (await peer.ReceiveAsync()).Body.Length;
        }

        await writing;
        return stream;
    }
}
