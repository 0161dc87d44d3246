using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Libp2p.Scheduling;

namespace Libp2p.Simulation.Tests;

/// <summary>
/// What library code may await: each case really waits, so that a continuation is needed, and another item of the scheduler ends
/// the wait. Documented in docs/simulation.md.
/// </summary>
public static class PlatformAwaitables
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public static Dictionary<string, Func<SimulationRun, Task>> Stay { get; } = new()
    {
        ["Task.Yield"] = async _ => await Task.Yield(),
        ["TaskCompletionSource, asynchronous"] = run => Promise(run, task => task),
        ["TaskCompletionSource.WaitAsync never, no token"] = run => Promise(run, task => task.WaitAsync(CancellationToken.None)),
        ["TaskCompletionSource cancelled through a token"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            TaskCompletionSource promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
            await using CancellationTokenRegistration registration = source.Token.Register(() => promise.TrySetCanceled(source.Token));
            await Assert.ThrowsAsync<TaskCanceledException>(() => promise.Task);
        },
        ["Task.Delay with the clock"] = run => Task.Delay(s_second, run.Time),
        ["Task.Delay, cancelled"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            await Cancelled(Task.Delay(s_second * 2, run.Time, source.Token));
        },
        ["Task.WhenAny(Task.Delay)"] = run => Task.WhenAny(Task.Delay(s_second, run.Time), Task.Delay(s_second * 2, run.Time)),
        ["PeriodicTimer with the clock"] = async run =>
        {
            using PeriodicTimer timer = new(s_second, run.Time);
            Assert.True(await timer.WaitForNextTickAsync());
            Assert.True(await timer.WaitForNextTickAsync());
        },
        ["Deadline"] = async run =>
        {
            using Deadline deadline = Deadline.Start(s_second, run.Time, CancellationToken.None);
            await Cancelled(Task.Delay(Timeout.InfiniteTimeSpan, run.Time, deadline.Token));
            Assert.True(deadline.IsOver);
        },
        ["Task.WhenAll over async methods"] = async run =>
            await Task.WhenAll(Promise(run, task => task), Promise(run, task => task)),
        ["Task.WhenAny over async methods"] = async run =>
            await Task.WhenAny(Promise(run, task => task), Promise(run, task => task)),
        ["Task.WaitAsync over an async method"] = async run =>
            await Promise(run, task => task).WaitAsync(s_second, run.Time, CancellationToken.None),
        ["Task.WaitAsync, timed out"] = async run =>
            await Assert.ThrowsAsync<TimeoutException>(() => Forever(run).WaitAsync(s_second, run.Time, CancellationToken.None)),
        ["Task.WaitAsync, cancelled"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            await Cancelled(Forever(run).WaitAsync(source.Token));
        },
        ["SuppressThrowing on the context"] = run => Promise(run, async task =>
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext)),
        ["Task.WhenAny over an asynchronous TaskCompletionSource, through an async method"] = run =>
            Promise(run, task => Task.WhenAny(Through(task), Forever(run))),
        ["SemaphoreSlim.WaitAsync() through an async method, cancelled"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            using SemaphoreSlim semaphore = new(0);
            await Cancelled(Through(semaphore.WaitAsync()).WaitAsync(source.Token));
        },
        ["SemaphoreSlim.WaitAsync()"] = async run =>
        {
            using SemaphoreSlim semaphore = new(0);
            await Later(run, () => semaphore.Release(), semaphore.WaitAsync());
        },
        ["Channel bounded, ReadAsync"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            Task writing = Later(run, () => channel.Writer.TryWrite(1), Task.CompletedTask);
            await channel.Reader.ReadAsync();
            await writing;
        },
        ["Channel bounded, WaitToReadAsync with token"] = async run =>
        {
            using CancellationTokenSource source = new();
            Channel<int> channel = Channel.CreateBounded<int>(1);
            ValueTask<bool> waiting = channel.Reader.WaitToReadAsync(source.Token);
            Task other = Later(run, () => channel.Writer.TryWrite(1), Task.CompletedTask);
            await waiting;
            await other;
        },
        ["Channel, a wait abandoned through an async method and WaitAsync(token)"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            Channel<int> channel = Channel.CreateBounded<int>(1);
            await Cancelled(WaitToReadAsync().WaitAsync(source.Token));
            async Task<bool> WaitToReadAsync() => await channel.Reader.WaitToReadAsync();
        },
        ["Channel bounded, WriteAsync when full"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            await channel.Writer.WriteAsync(1);
            Task reading = Later(run, () => channel.Reader.TryRead(out int _), Task.CompletedTask);
            await channel.Writer.WriteAsync(2);
            await channel.Reader.ReadAsync();
            await reading;
        },
        ["Channel unbounded single reader, ReadAsync"] = async run =>
        {
            Channel<int> channel = Channel.CreateUnbounded<int>(new() { SingleReader = true });
            Task writing = Later(run, () => channel.Writer.TryWrite(1), Task.CompletedTask);
            await channel.Reader.ReadAsync();
            await writing;
        },
        ["Channel, WaitToReadAsync and TryRead until it is completed"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            Task writing = Later(run, () => channel.Writer.TryWrite(1) && channel.Writer.TryComplete(), Task.CompletedTask);
            while (await channel.Reader.WaitToReadAsync())
            {
                Assert.True(channel.Reader.TryRead(out int _));
            }

            await writing;
        },
        ["Channel.Completion"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            Task closing = Later(run, () => channel.Writer.TryComplete(), Task.CompletedTask);
            await channel.Reader.Completion;
            await closing;
        },
        ["Pipe, ReadAsync and FlushAsync"] = run => Pipes(run, async (reader, writer) =>
        {
            Task reading = DrainAsync(reader);
            await writer.WriteAsync(new byte[64 * 1024]); // more than the pause threshold: waits for the reader
            await writer.CompleteAsync();
            await reading;
        }),
        ["Pipe, ReadAtLeastAsync"] = run => Pipes(run, async (reader, writer) =>
        {
            ValueTask<ReadResult> reading = reader.ReadAtLeastAsync(8);
            await Task.Yield();
            await writer.WriteAsync(new byte[4]);
            await Task.Yield();
            await writer.WriteAsync(new byte[4]);
            reader.AdvanceTo((await reading).Buffer.End);
        }),
        ["Pipe, cancelled"] = run => Pipes(run, async (reader, _) =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadAsync(source.Token));
        }),
        ["Pipe, awaited with ConfigureAwait(false)"] = run => Pipes(run, async (reader, writer) =>
        {
            Task writing = Later(run, () => writer.WriteAsync(new byte[4]), Task.CompletedTask);
            ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
            reader.AdvanceTo(result.Buffer.End);
            await writing;
        }),
        ["Pipe.Reader.AsStream, ReadAsync"] = run => Pipes(run, async (reader, writer) =>
        {
            Task writing = Later(run, () => writer.WriteAsync(new byte[4]), Task.CompletedTask);
            Assert.Equal(4, await reader.AsStream().ReadAsync(new byte[8]));
            await writing;
        }),
        ["Pipe.Reader.CopyToAsync(PipeWriter)"] = run => Pipes(run, async (reader, writer) =>
        {
            Pipe target = NewPipe(run);
            Task copying = reader.CopyToAsync(target.Writer);
            Task draining = DrainAsync(target.Reader);
            await writer.WriteAsync(new byte[64 * 1024]);
            await writer.CompleteAsync();
            await copying;
            await target.Writer.CompleteAsync();
            await draining;
        }),
        ["IAsyncEnumerable, await foreach"] = async run =>
        {
            await foreach (int _ in CountAsync(run))
            {
                await Task.Yield();
            }
        },
        ["IAsyncEnumerable, WithCancellation"] = async run =>
        {
            using CancellationTokenSource source = new();
            await foreach (int _ in CountAsync(run).WithCancellation(source.Token))
            {
                await Task.Yield();
            }
        },
        ["System.Linq.AsyncEnumerable"] = async run =>
            Assert.Equal(2, await CountAsync(run).Where(static x => x > 0).Select(static x => x * 2).CountAsync()),
        ["CancellationTokenSource.Cancel, linked"] = async run =>
        {
            using CancellationTokenSource source = new();
            using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(source.Token);
            Task waiting = Cancelled(Task.Delay(Timeout.InfiniteTimeSpan, run.Time, linked.Token));
            await Task.Yield();
            source.Cancel();
            await waiting;
        },
        ["CancellationTokenSource.CancelAsync with nobody registered"] = async _ =>
        {
            using CancellationTokenSource source = new();
            await source.CancelAsync();
        },
        ["CancelAfter on a source with the clock"] = async run =>
        {
            using CancellationTokenSource source = new(Timeout.InfiniteTimeSpan, run.Time);
            source.CancelAfter(s_second);
            await Cancelled(Task.Delay(Timeout.InfiniteTimeSpan, run.Time, source.Token));
        },
        ["pooled async ValueTask"] = async run => await PooledAsync(run),
    };

    public static Dictionary<string, Func<SimulationRun, Task>> Escape { get; } = new()
    {
        ["Task.Run"] = _ => Task.Run(static () => { }),
        ["ConfigureAwait(false)"] = run => Promise(run, async task => await task.ConfigureAwait(false)),
        ["SuppressThrowing alone"] = run => Promise(run, async task => await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)),
        ["ForceYielding"] = async _ => await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding),
        ["Task.WhenAll over an asynchronous TaskCompletionSource"] = run => Promise(run, task => Task.WhenAll(task, Task.CompletedTask)),
        ["Task.WhenAny over an asynchronous TaskCompletionSource"] = run => Promise(run, task => Task.WhenAny(task, Forever(run))),
        ["Task.WhenEach over asynchronous TaskCompletionSources"] = run => Promise(run, async task =>
        {
            await foreach (Task _ in Task.WhenEach(task))
            {
            }
        }),
        ["TaskCompletionSource.Task.WaitAsync(token)"] = async run =>
        {
            using CancellationTokenSource source = new();
            await Promise(run, task => task.WaitAsync(source.Token));
        },
        ["TaskCompletionSource.Task.WaitAsync(time)"] = run => Promise(run, task => task.WaitAsync(s_second, run.Time)),
        ["Task.WhenAny(SemaphoreSlim.WaitAsync())"] = async run =>
        {
            using SemaphoreSlim semaphore = new(0);
            await Later(run, () => semaphore.Release(), Task.WhenAny(semaphore.WaitAsync(), Forever(run)));
        },
        ["Task.WhenAny(Channel.Completion)"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            Task closing = Later(run, () => channel.Writer.TryComplete(), Task.CompletedTask);
            await Task.WhenAny(channel.Reader.Completion, Forever(run));
            await closing;
        },
        ["Task.ContinueWith"] = run => Promise(run, static task => task.ContinueWith(static _ => { }, TaskScheduler.Default)),
        ["SemaphoreSlim.WaitAsync(token)"] = async run =>
        {
            using CancellationTokenSource source = new();
            using SemaphoreSlim semaphore = new(0);
            await Later(run, () => semaphore.Release(), semaphore.WaitAsync(source.Token));
        },
        ["SemaphoreSlim.WaitAsync(token), cancelled"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            using SemaphoreSlim semaphore = new(0);
            await Cancelled(semaphore.WaitAsync(source.Token));
        },
        ["ValueTask.AsTask of a channel"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            await Later(run, () => channel.Writer.TryWrite(1), channel.Reader.ReadAsync().AsTask());
        },
        ["Channel, ReadAsync cancelled while it waits"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            Channel<int> channel = Channel.CreateBounded<int>(1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Reader.ReadAsync(source.Token));
        },
        ["Channel, WaitToReadAsync cancelled while it waits"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            Channel<int> channel = Channel.CreateUnbounded<int>();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Reader.WaitToReadAsync(source.Token));
        },
        ["Channel, WriteAsync cancelled while it waits"] = async run =>
        {
            using CancellationTokenSource source = new(s_second, run.Time);
            Channel<int> channel = Channel.CreateBounded<int>(1);
            await channel.Writer.WriteAsync(1);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Writer.WriteAsync(2, source.Token));
        },
        ["ChannelReader.ReadAllAsync"] = async run =>
        {
            Channel<int> channel = Channel.CreateBounded<int>(1);
            Task writing = Later(run, () => channel.Writer.TryWrite(1) && channel.Writer.TryComplete(), Task.CompletedTask);
            await foreach (int _ in channel.Reader.ReadAllAsync())
            {
            }

            await writing;
        },
        ["CancellationTokenSource.CancelAsync"] = async run =>
        {
            using CancellationTokenSource source = new();
            Task waiting = Cancelled(Task.Delay(Timeout.InfiniteTimeSpan, run.Time, source.Token));
            await Task.Yield();
            await source.CancelAsync();
            await waiting;
        },
        ["CancelAfter on a plain source"] = async run =>
        {
            using CancellationTokenSource source = new();
            source.CancelAfter(1);
            await Cancelled(Task.Delay(Timeout.InfiniteTimeSpan, run.Time, source.Token));
        },
        ["Task.Delay without the clock"] = _ => Task.Delay(1),
        ["Pipe with default options, ConfigureAwait(false)"] = async run =>
        {
            Pipe pipe = new();
            Task writing = Later(run, () => pipe.Writer.WriteAsync(new byte[4]), Task.CompletedTask);
            await pipe.Reader.ReadAsync().ConfigureAwait(false);
            await writing;
        },
        ["Parallel.ForEachAsync"] = run => Parallel.ForEachAsync([1, 2], static (_, _) => ValueTask.CompletedTask),
        ["IAsyncEnumerable consumed with ConfigureAwait(false)"] = async run =>
        {
            await foreach (int _ in CountAsync(run).ConfigureAwait(false))
            {
                await Task.Delay(s_second, run.Time).ConfigureAwait(false);
            }
        },
    };

    internal static Pipe NewPipe(SimulationRun run, PipeScheduler? scheduler = null) => new(new PipeOptions(
        readerScheduler: scheduler ?? run.Scheduler,
        writerScheduler: scheduler ?? run.Scheduler,
        pauseWriterThreshold: 4096,
        resumeWriterThreshold: 2048));

    // A task that an item of the scheduler completes, awaited in the given way.
    private static async Task Promise(SimulationRun run, Func<Task, Task> wait)
    {
        TaskCompletionSource promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Later(run, () => promise.SetResult(), wait(promise.Task));
    }

    private static async Task Later(SimulationRun run, Action end, Task waiting)
    {
        run.Scheduler.Schedule(static state => ((Action)state!)(), end);
        await waiting;
        await Task.Yield();
    }

    private static Task Later<T>(SimulationRun run, Func<T> end, Task waiting) => Later(run, () => { end(); }, waiting);

    private static async Task Through(Task task) => await task;

    private static async Task Forever(SimulationRun run) => await Task.Delay(Timeout.InfiniteTimeSpan, run.Time);

    private static async Task Cancelled(Task task) => await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);

    private static async Task Pipes(SimulationRun run, Func<PipeReader, PipeWriter, Task> use)
    {
        Pipe pipe = NewPipe(run);
        await use(pipe.Reader, pipe.Writer);
    }

    private static async Task DrainAsync(PipeReader reader)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            reader.AdvanceTo(result.Buffer.End);
            await Task.Yield();
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static async IAsyncEnumerable<int> CountAsync(SimulationRun run, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (int i = 0; i < 3; i++)
        {
            await Task.Delay(s_second, run.Time, cancellation);
            yield return i;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private static async ValueTask PooledAsync(SimulationRun run)
    {
        await Task.Yield();
        await Task.Delay(s_second, run.Time);
    }
}
