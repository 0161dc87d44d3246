using System.Diagnostics;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit;
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
        await using MuxerPair pair = YamuxPair.Connect(breaks: false);
        (IMuxedStream from, IMuxedStream to) = await OpenAsync(pair);
        await MoveAsync(from, to, 2000); // windows grow, pools fill, methods are compiled

        // The best of several rounds: now and then the array pool is trimmed, or the reader falls further behind than ever before and
        // another array is rented for the first time. What each frame allocated would show in every round, as 24 bytes or more.
        const int Frames = 500;
        double least = double.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await MoveAsync(from, to, Frames);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Frames);
        }

        output.WriteLine($"{least:F2} bytes allocated for each 64 KiB");
        Assert.InRange(least, 0, 10); // the test's own loops allocate once a round
    }

    [Fact]
    public async Task Throughput_in_memory()
    {
        await using MuxerPair pair = YamuxPair.Connect(breaks: false);
        (IMuxedStream from, IMuxedStream to) = await OpenAsync(pair);
        await MoveAsync(from, to, 2000);
        long start = Stopwatch.GetTimestamp();
        await MoveAsync(from, to, 8000);
        double megabytes = 8000.0 * Piece / 1e6 / Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine($"{megabytes:F0} MB/s");
        Assert.True(megabytes > 50);
    }

    [Fact]
    public async Task A_bulk_stream_delays_another_stream_little()
    {
        await using MuxerPair pair = YamuxPair.Connect(linkCapacity: 64 * 1024, breaks: false);
        (IMuxedStream asking, IMuxedStream answering) = await OpenAsync(pair);
        Task echoing = EchoAsync(answering);
        await MedianAsync(asking, 2000);
        TimeSpan alone = await MedianAsync(asking, 2000);

        (IMuxedStream from, IMuxedStream to) = await OpenAsync(pair);
        using CancellationTokenSource enough = new();
        Task writing = WriteAsync(from, _ => !enough.IsCancellationRequested);
        Task reading = ReadAsync(to, long.MaxValue);
        TimeSpan beside = await MedianAsync(asking, 2000);
        await enough.CancelAsync();
        await writing;
        await from.CloseWriteAsync(default);
        await reading;
        await asking.CloseWriteAsync(default);
        await echoing;

        // One frame waits behind one batch and what the link holds, each 64 KiB; never behind the queue or the window of the bulk.
        output.WriteLine($"p50 {alone.TotalMicroseconds:F1} µs alone, {beside.TotalMicroseconds:F1} µs beside a bulk stream");
        Assert.True(beside < (2 * alone) + TimeSpan.FromMilliseconds(5));
    }

    [Fact]
    public async Task An_idle_session_is_small()
    {
        const int Count = 500;
        List<(TestLink, TestLink)> links = [.. Enumerable.Range(0, Count).Select(_ => TestLink.Pair())];
        List<IMuxedConnection> connections = new(2 * Count);
        YamuxMuxer muxer = new();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        foreach ((TestLink first, TestLink second) in links)
        {
            connections.Add(YamuxPair.Attach(muxer, first, ConnectionRole.Initiator));
            connections.Add(YamuxPair.Attach(muxer, second, ConnectionRole.Responder));
        }

        await Task.Delay(200);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (2 * Count);
        output.WriteLine($"{each} bytes for a session without streams");
        Assert.InRange(each, 0, 10_000);
        await Task.WhenAll(connections.Select(connection => connection.DisposeAsync().AsTask()));
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

    private static Task EchoAsync(IMuxedStream stream) => Task.Run(async () =>
    {
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                await stream.Output.WriteAsync(piece);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await stream.DisposeAsync();
                return;
            }
        }
    });

    private static Task<TimeSpan> MedianAsync(IMuxedStream stream, int count) => Task.Run(async () =>
    {
        byte[] one = [1];
        List<TimeSpan> times = new(count);
        for (int i = 0; i < count; i++)
        {
            long start = Stopwatch.GetTimestamp();
            await stream.Output.WriteAsync(one);
            ReadResult read = await stream.Input.ReadAsync();
            stream.Input.AdvanceTo(read.Buffer.End);
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        times.Sort();
        return times[count / 2];
    });
}
