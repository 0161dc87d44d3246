using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Everything at once, in any order: nothing hangs, nothing but the known exceptions is thrown, nothing is left behind.</summary>
public sealed class ChaosTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public async Task Streams_that_are_used_badly_leave_nothing_behind(int seed, bool breaksLink)
    {
        YamuxOptions options = new() { AckBacklog = 8, AcceptQueue = 16, MaxInboundStreams = 40, MaxOutboundStreams = 30, SendQueue = 20_000 };
        (MemoryLink firstLink, MemoryLink secondLink) = new MemoryLinkPair(pauseAt: 10_000);
        TestScope firstScope = new(limit: 3 * 1024 * 1024);
        TestScope secondScope = new();
        YamuxMuxer muxer = new(options);
        YamuxConnection first = (YamuxConnection)muxer.Attach(
            firstLink, new MuxerContext(ConnectionRole.Initiator, TestSeams.OnThreadPool(), firstScope));
        YamuxConnection second = (YamuxConnection)muxer.Attach(
            secondLink, new MuxerContext(ConnectionRole.Responder, TestSeams.OnThreadPool(), secondScope));

        Task accepting = Task.WhenAll(AcceptAsync(first, seed), AcceptAsync(second, seed + 1));
        Task opening = Task.WhenAll(Enumerable.Range(0, 20).Select(i => OpenAsync(i % 2 == 0 ? first : second, (seed * 1000) + i)));
        if (breaksLink)
        {
            await Task.Delay(100);
            secondLink.Abort(new EndReason(EndedBy.Local, ErrorCode.None, "Broken"));
        }

        await opening.WaitAsync(s_patience);
        await Task.WhenAll(first.DisposeAsync().AsTask(), second.DisposeAsync().AsTask()).WaitAsync(s_patience);
        await accepting.WaitAsync(s_patience);
        Assert.Equal((0L, 0L), (firstScope.Memory, secondScope.Memory));
        Assert.Equal((0, 0), (first.Segments.Rented, second.Segments.Rented));
        EndReason[] ends = await Task.WhenAll(first.Completion, second.Completion);
        Assert.True(breaksLink == ends.Any(end => !end.IsClean), string.Join(", ", ends.Select(end => $"{end} {end.Cause}")));
    }

    private static Task OpenAsync(YamuxConnection connection, int seed) => Task.Run(async () =>
    {
        Random random = new(seed);
        for (int i = 0; i < 60; i++)
        {
            using CancellationTokenSource caller = new();
            caller.CancelAfter(random.Next(4) == 0 ? 1 : 20_000);
            try
            {
                IMuxedStream stream = await connection.OpenStreamAsync(caller.Token);
                await UseAsync(stream, random.Next());
            }
            catch (OperationCanceledException)
            {
            }
            catch (LimitExceededException)
            {
            }
            catch (ConnectionClosedException)
            {
                return;
            }
        }
    });

    private static Task AcceptAsync(YamuxConnection connection, int seed) => Task.Run(async () =>
    {
        List<Task> users = [];
        while (await connection.AcceptStreamAsync(default) is { } stream)
        {
            users.Add(UseAsync(stream, seed++));
        }

        await Task.WhenAll(users);
    });

    private static async Task UseAsync(IMuxedStream stream, int seed)
    {
        Task reading = Task.Run(() => ReadAsync(stream, seed));
        Task writing = Task.Run(() => WriteAsync(stream, seed));
        if (seed % 3 == 0)
        {
            await Task.Run(() => stream.Reset(new EndReason(EndedBy.Local, new ErrorCode(9), "Chaos")));
        }
        else if (seed % 5 == 0)
        {
            stream.CloseRead(new ErrorCode(8));
        }

        await Task.WhenAll(reading, writing).WaitAsync(s_patience);
        await stream.DisposeAsync();
    }

    private static async Task ReadAsync(IMuxedStream stream, int seed)
    {
        Random random = new(seed);
        long left = random.Next(4) == 0 ? random.Next(20_000) : long.MaxValue;
        try
        {
            while (left > 0)
            {
                using CancellationTokenSource caller = new();
                caller.CancelAfter(random.Next(10) == 0 ? 1 : 500); // the other end may never write
                ReadResult read = await stream.Input.ReadAsync(caller.Token);
                long length = random.NextInt64(read.Buffer.Length + 1);
                left -= length;
                if (random.Next(50) == 0)
                {
                    return; // without advancing
                }

                stream.Input.AdvanceTo(read.Buffer.GetPosition(length), read.IsCompleted || length == 0 ? read.Buffer.End : read.Buffer.GetPosition(length));
                if (read.IsCompleted)
                {
                    return;
                }
            }

            await stream.Input.CompleteAsync();
        }
        catch (Exception exception) when (exception is Libp2pException or OperationCanceledException)
        {
        }
    }

    private static async Task WriteAsync(IMuxedStream stream, int seed)
    {
        Random random = new(seed);
        try
        {
            for (int i = random.Next(30); i > 0; i--)
            {
                using CancellationTokenSource caller = new();
                caller.CancelAfter(random.Next(10) == 0 ? 1 : 500); // the other end may have stopped reading without a word
                int length = random.Next(15_000);
                if (random.Next(2) == 0)
                {
                    await stream.Output.WriteAsync(new byte[length], caller.Token);
                }
                else
                {
                    stream.Output.GetMemory(length);
                    stream.Output.Advance(length);
                    await stream.Output.FlushAsync(caller.Token);
                }
            }

            if (random.Next(5) == 0)
            {
                await stream.Output.CompleteAsync(new InvalidOperationException("Chaos"));
            }
            else if (random.Next(2) == 0)
            {
                using CancellationTokenSource caller = new();
                caller.CancelAfter(500);
                await stream.CloseWriteAsync(caller.Token);
            }
        }
        catch (Exception exception) when (exception is Libp2pException or OperationCanceledException)
        {
        }
    }
}
