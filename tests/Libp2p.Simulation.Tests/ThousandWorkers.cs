using System.Globalization;
using System.IO.Pipelines;
using System.Threading.Channels;
using Libp2p.Scheduling;

namespace Libp2p.Simulation.Tests;

/// <summary>
/// Interleaved workers that share a channel and a semaphore, draw what to wait for from a randomness of their own, and log each
/// step. Any decision that the seed does not make would show in the log.
/// </summary>
internal sealed class ThousandWorkers(SimulationRun run, int workers, int rounds) : IDisposable
{
    private readonly Channel<string> _shared = Channel.CreateBounded<string>(8);
    private readonly SemaphoreSlim _turns = new(5);

    public static async Task RunAsync(SimulationRun run, int workers = 1000, int rounds = 6)
    {
        using ThousandWorkers all = new(run, workers, rounds);
        await all.RunAsync();
    }

    public void Dispose() => _turns.Dispose();

    private async Task RunAsync()
    {
        Task collecting = run.Start("collector", CollectAsync);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(i =>
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"worker {i}");
            return run.Start(name, () => WorkAsync(name, run.Node(name)));
        }));

        _shared.Writer.Complete();
        await collecting;
    }

    private async Task WorkAsync(string name, NodeSeams node)
    {
        for (int round = 0; round < rounds; round++)
        {
            int kind = node.Random.Next(12);
            await WaitAsync(kind, name, node);
            run.Log(string.Create(CultureInfo.InvariantCulture, $"{name}: round {round}, wait {kind}"));
        }
    }

    private Task WaitAsync(int kind, string name, NodeSeams node) => kind switch
    {
        0 => YieldAsync(),
        1 => Task.Delay(Soon(node), node.Time),
        2 => SayAsync(name),
        3 => TakeTurnAsync(),
        4 => PromiseAsync(node),
        5 => PipeAsync(node),
        6 => TimeOutAsync(node),
        7 => EnumerateAsync(node),
        8 => WaitInVainAsync(node),
        9 => Task.WhenAll(run.Start(name + " a", YieldAsync), run.Start(name + " b", () => PipeAsync(node))),
        10 => Task.WhenAny(run.Start(name + " a", TakeTurnAsync), run.Start(name + " b", () => Task.Delay(Soon(node), node.Time))),
        _ => TickAsync(node),
    };

    private async Task SayAsync(string name) => await _shared.Writer.WriteAsync(name);

    private async Task CollectAsync()
    {
        while (await _shared.Reader.WaitToReadAsync())
        {
            while (_shared.Reader.TryRead(out string? name))
            {
                run.Log("collected from " + name);
            }
        }
    }

    private static async Task YieldAsync() => await Task.Yield();

    private async Task TakeTurnAsync()
    {
        await _turns.WaitAsync();
        await Task.Yield();
        _turns.Release();
    }

    private static async Task PromiseAsync(NodeSeams node)
    {
        TaskCompletionSource<int> promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Scheduler.Schedule(static state => ((TaskCompletionSource<int>)state!).SetResult(1), promise);
        await promise.Task;
    }

    private static async Task PipeAsync(NodeSeams node)
    {
        Pipe pipe = new(new PipeOptions(
            readerScheduler: node.Scheduler, writerScheduler: node.Scheduler, pauseWriterThreshold: 64, resumeWriterThreshold: 32));
        await Task.WhenAll(WriteAsync(), ReadAsync());

        async Task WriteAsync()
        {
            byte[] bytes = new byte[100];
            node.Random.Fill(bytes);
            await pipe.Writer.WriteAsync(bytes);
            await pipe.Writer.CompleteAsync();
        }

        async Task ReadAsync()
        {
            ReadResult result = await pipe.Reader.ReadAtLeastAsync(100);
            pipe.Reader.AdvanceTo(result.Buffer.End);
            await pipe.Reader.CompleteAsync();
        }
    }

    private static async Task TimeOutAsync(NodeSeams node)
    {
        using Deadline deadline = Deadline.Start(Soon(node), node.Time, CancellationToken.None);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Delay(Timeout.InfiniteTimeSpan, node.Time, deadline.Token));
    }

    private static async Task EnumerateAsync(NodeSeams node)
    {
        await foreach (int _ in CountAsync())
        {
            await Task.Yield();
        }

        async IAsyncEnumerable<int> CountAsync()
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Delay(Soon(node), node.Time);
                yield return i;
            }
        }
    }

    private static async Task WaitInVainAsync(NodeSeams node) => await Assert.ThrowsAsync<TimeoutException>(
        () => Task.Delay(Timeout.InfiniteTimeSpan, node.Time).WaitAsync(Soon(node), node.Time));

    private static async Task TickAsync(NodeSeams node)
    {
        using PeriodicTimer timer = new(Soon(node), node.Time);
        for (int i = 0; i < 3; i++)
        {
            await timer.WaitForNextTickAsync();
        }
    }

    private static TimeSpan Soon(NodeSeams node) => TimeSpan.FromMilliseconds(1 + node.Random.Next(20));
}
