using Libp2p.Node;
using Libp2p.Node.State;
using Libp2p.TestKit.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p.Tests.Node;

/// <summary>Code that ignores its cancellation is waited for half a second longer, then named and left behind; what it brings later is disposed of.</summary>
public sealed class AbandonedWorkTests : IDisposable
{
    private readonly ManualClock _clock = new();
    private readonly QueueScheduler _queue = new();
    private readonly TaskCompletionSource<Late> _work = new();
    private readonly CancellationTokenSource _source = new();
    private readonly AbandonedWork _abandoned;

    public AbandonedWorkTests() => _abandoned = new AbandonedWork(_clock, NullLogger.Instance);

    public void Dispose() => _source.Dispose();

    [Fact]
    public void Work_that_does_not_return_is_left_behind_and_what_it_brings_is_disposed_of() => _queue.Run(async () =>
    {
        Task<Late> waiting = CancelledWait();
        await _queue.IdleAsync();
        Assert.False(waiting.IsCompleted);
        Assert.Empty(_abandoned.Describe());
        _clock.Advance(AbandonedWork.Grace);
        await _queue.IdleAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new AbandonedWorkState("a resolver", TimeSpan.FromMinutes(1)), Assert.Single(_abandoned.Describe()));

        Late late = new();
        _work.SetResult(late);
        await _queue.IdleAsync();
        Assert.True(late.IsDisposed);
        Assert.Empty(_abandoned.Describe());
    });

    [Fact]
    public void Work_that_returns_in_time_is_not_left_behind_and_its_result_counts() => _queue.Run(async () =>
    {
        Task<Late> waiting = CancelledWait();
        await _queue.IdleAsync();
        Late late = new();
        _work.SetResult(late);

        Assert.Same(late, await waiting);
        Assert.False(late.IsDisposed);
        Assert.Empty(_abandoned.Describe());
    });

    [Fact]
    public void A_result_that_comes_together_with_the_cancellation_is_not_lost() => _queue.Run(async () =>
    {
        Task<Late> waiting = Wait();
        Late late = new();

        SynchronizationContext? queue = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // as from another thread: who waits sees both later, when its turn comes
        _source.Cancel();
        _work.SetResult(late);
        SynchronizationContext.SetSynchronizationContext(queue);

        Assert.Same(late, await waiting);
    });

    [Fact]
    public void When_as_much_was_left_behind_as_may_be_the_next_is_waited_for()
    {
        TaskCompletionSource never = new();
        for (int i = 0; i < AbandonedWork.Limit; i++)
        {
            Assert.True(_abandoned.TryLeave("a handler", never.Task));
        }

        Assert.False(_abandoned.TryLeave("a handler", never.Task));
        Assert.Equal(AbandonedWork.Limit, _abandoned.Describe().Count);
    }

    /// <summary>Waits for the work with a token that is cancelled as soon as the wait has begun.</summary>
    private Task<Late> CancelledWait()
    {
        Task<Late> waiting = Wait();
        _source.Cancel();
        return waiting;
    }

    private Task<Late> Wait() => _abandoned.WaitAsync("a resolver", _work.Task, _source.Token);

    private sealed class Late : IAsyncDisposable
    {
        public bool IsDisposed { get; private set; }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
