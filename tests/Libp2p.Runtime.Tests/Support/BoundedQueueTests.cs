using Libp2p.Scheduling;

namespace Libp2p.Tests.Support;

/// <summary>A bounded queue holds nothing for those who gave up.</summary>
public sealed class BoundedQueueTests
{
    [Fact]
    public async Task Who_gives_up_waiting_for_a_place_leaves_nothing_behind()
    {
        BoundedQueue<int> queue = new(1);
        Assert.True(queue.TryEnqueue(0));
        using CancellationTokenSource caller = new();
        Task<bool> first = queue.EnqueueAsync(1, default).AsTask();
        Task<bool>[] impatient = [.. Enumerable.Range(0, 100).Select(_ => queue.EnqueueAsync(2, caller.Token).AsTask())];
        Task<bool> last = queue.EnqueueAsync(3, default).AsTask();
        Assert.Equal(102, queue.Waiting);

        await caller.CancelAsync();
        foreach (Task<bool> wait in impatient)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        }

        Assert.Equal(2, queue.Waiting);
        Assert.Equal((true, 0), await queue.DequeueAsync(default));
        Assert.True(await first);
        Assert.Equal((true, 1), await queue.DequeueAsync(default));
        Assert.True(await last);
        Assert.Equal((true, 3), await queue.DequeueAsync(default));
    }
}
