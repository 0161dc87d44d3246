using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>What leaves together, and what must not wait for it.</summary>
public sealed class BatchingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_a_woken_reader_says_before_it_waits_again_leaves_in_one_batch()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<bool> answering = AfterReadAsync(peer, stream, async () =>
        {
            await stream.Output.WriteAsync("a"u8.ToArray());
            await stream.Output.WriteAsync("b"u8.ToArray());
            await stream.CloseWriteAsync(CancellationToken.None);
            return true;
        });

        await peer.SendDataAsync(1, [1]);
        ReadResult read = await peer.Link.Input.ReadAsync().AsTask().WaitAsync(s_patience);

        byte[] data = ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.None, 1, 2), "ab"u8.ToArray());
        byte[] end = ScriptedPeer.Encode(ScriptedPeer.Update(FrameFlags.Fin, 1));
        Assert.Equal([.. data, .. end], read.Buffer.ToArray());
        peer.Link.Input.AdvanceTo(read.Buffer.End);
        await answering.WaitAsync(s_patience);
    }

    [Fact]
    public async Task What_was_flushed_leaves_though_its_writer_then_holds_the_thread()
    {
        byte[] answer = new byte[2000]; // too long to be held back for itself
        using ManualResetEventSlim received = new();
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<bool> blocking = AfterReadAsync(peer, stream, async () =>
        {
            await stream.Output.WriteAsync(answer);
            return received.Wait(s_patience);
        });

        await peer.SendDataAsync(1, [1]);
        Assert.Equal(answer, await peer.ExpectAsync(ScriptedPeer.Data(FrameFlags.None, 1, 2000)));
        received.Set();
        Assert.True(await blocking.WaitAsync(s_patience));
    }

    /// <summary>Reads a byte, goes on as a continuation of the read, on a thread of the session's. Returns when the read waits.</summary>
    private static Task<bool> AfterReadAsync(ScriptedPeer peer, IMuxedStream stream, Func<Task<bool>> next)
    {
        Task<bool> running = Task.Run(async () =>
        {
            ReadResult read = await stream.Input.ReadAsync();
            stream.Input.AdvanceTo(read.Buffer.End);
            return await next();
        });
        Assert.True(SpinWait.SpinUntil(() => peer.Subject.GetState().Streams.Single().IsReaderWaiting, s_patience));
        return running;
    }
}
