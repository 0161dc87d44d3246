using System.Diagnostics;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Xunit.Abstractions;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>What the hot path may cost. The bounds are wide: they catch a mistake, not a percentage.</summary>
[CollectionDefinition(nameof(HotPathTests), DisableParallelization = true)]
[Collection(nameof(HotPathTests))]
public sealed class HotPathTests(ITestOutputHelper output)
{
    private const int Piece = 64 * 1024;

    [Fact]
    public async Task A_frame_costs_no_allocation_in_the_steady_state()
    {
        await using MuxerPair pair = YamuxPair.Connect();
        (IMuxedStream from, IMuxedStream to) = await OpenAsync(pair);
        await MoveAsync(from, to, 2000); // windows grow, pools fill, methods are compiled

        // The best of several rounds: now and then the array pool is trimmed, or the reader falls further behind than ever before and
        // another array is rented for the first time, which is 131 bytes for each of the frames. On a quiet machine this tells 0 to 2
        // bytes; the bound lets a busy one trim its pools in every round, and catches whatever copies a frame or makes objects for it.
        const int Frames = 500;
        double least = double.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await MoveAsync(from, to, Frames);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Frames);
        }

        output.WriteLine($"{least:F2} bytes allocated for each 64 KiB");
        Assert.InRange(least, 0, 1000);
    }

    [Fact]
    public async Task Throughput_in_memory()
    {
        await using MuxerPair pair = YamuxPair.Connect();
        (IMuxedStream from, IMuxedStream to) = await OpenAsync(pair);
        await MoveAsync(from, to, 2000);
        long start = Stopwatch.GetTimestamp();
        await MoveAsync(from, to, 8000);
        double megabytes = 8000.0 * Piece / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine($"{megabytes:F0} MB/s");
        Assert.True(megabytes > 50);
    }

    [Fact]
    public void An_idle_session_is_small()
    {
        const int Count = 500;
        QueueScheduler queue = new();
        List<MemoryLinkPair> links = [.. Enumerable.Range(0, Count).Select(_ => new MemoryLinkPair(queue, pauseAt: 256 * 1024))];
        List<IMuxedConnection> connections = new(2 * Count);
        YamuxMuxer muxer = new();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        foreach ((MemoryLink first, MemoryLink second) in links)
        {
            connections.Add(YamuxPair.Attach(muxer, first, ConnectionRole.Initiator, queue));
            connections.Add(YamuxPair.Attach(muxer, second, ConnectionRole.Responder, queue));
        }

        queue.RunUntilIdle(); // all loops wait now
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2 * Count);
        output.WriteLine($"{each} bytes for a session without streams");
        Assert.InRange(each, 0, 10_000);
        Task disposing = queue.Start(() => Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask())));
        Assert.True(disposing.IsCompletedSuccessfully);
    }

    private static async Task<(IMuxedStream From, IMuxedStream To)> OpenAsync(MuxerPair pair)
    {
        IMuxedStream from = await pair.Initiator.OpenStreamAsync(default);
        return (from, (await pair.Responder.AcceptStreamAsync(default))!);
    }

    private static Task MoveAsync(IMuxedStream from, IMuxedStream to, int pieces) =>
        Task.WhenAll(WriteAsync(from, i => i < pieces), ReadAsync(to, (long)pieces * Piece));

    private static Task WriteAsync(IMuxedStream stream, Func<int, bool> goesOn) => Task.Run(async () =>
    {
        for (int i = 0; goesOn(i); i++)
        {
            stream.Output.GetSpan(Piece);
            stream.Output.Advance(Piece);
            await stream.Output.FlushAsync();
        }
    });

    private static Task ReadAsync(IMuxedStream stream, long count) => Task.Run(async () =>
    {
        ReadResult read = default;
        for (long got = 0; got < count && !read.IsCompleted;)
        {
            read = await stream.Input.ReadAsync();
            got += read.Buffer.Length;
            stream.Input.AdvanceTo(read.Buffer.End);
        }
    });
}
