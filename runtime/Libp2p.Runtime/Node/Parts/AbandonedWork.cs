using Libp2p.Node.State;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>
/// Application and platform code that the node no longer waits for: it was cancelled and did not return. Bounded in number, listed in the
/// node's state, and disposed of when it returns. Thread-safe.
/// </summary>
/// <param name="time">The node's clock.</param>
/// <param name="log">Where to log.</param>
internal sealed class AbandonedWork(TimeProvider time, ILogger log)
{
    /// <summary>Pieces of work that may be left behind at the same time. Beyond it, the node waits again.</summary>
    public const int Limit = 256;

    /// <summary>Time that cancelled work has to return before it is left behind.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _left = new();

    /// <summary>What was left behind and has not returned, oldest first.</summary>
    public IReadOnlyList<AbandonedWorkState> Describe()
    {
        lock (_lock)
        {
            return [.. _left.Select(entry => new AbandonedWorkState(entry.What, time.GetElapsedTime(entry.Since)))];
        }
    }

    /// <summary>
    /// Waits for work. When the token is cancelled, the work has <see cref="Grace"/> to return, and is then left behind; a result that comes
    /// later is disposed of if it can be.
    /// </summary>
    /// <param name="what">What it is, for logs and state.</param>
    /// <param name="work">The work, which has begun.</param>
    /// <param name="cancellationToken">Ends the wait; the work received it too.</param>
    /// <exception cref="OperationCanceledException">The work did not return in time.</exception>
    public async Task<T> WaitAsync<T>(string what, Task<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await StayAsync(work).WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (work.IsCompleted || await EndsInTimeAsync(work) || !TryLeave(what, work))
            {
                return await work;
            }

            throw;
        }
    }

    /// <inheritdoc cref="WaitAsync{T}(string, Task{T}, CancellationToken)"/>
    public Task WaitAsync(string what, Task work, CancellationToken cancellationToken) => WaitAsync(what, AsResultAsync(work), cancellationToken);

    /// <summary>Leaves work behind that was told to end; false where as much was left behind as may be.</summary>
    public bool TryLeave(string what, Task work) => TryLeave(what, AsResultAsync(work));

    private async Task<bool> EndsInTimeAsync<T>(Task<T> work)
    {
        try
        {
            await StayAsync(work).WaitAsync(Grace, time);
        }
        catch (TimeoutException) when (!work.IsCompleted)
        {
            return false;
        }
        catch (Exception) when (work.IsCompleted)
        {
            // The caller awaits it.
        }

        return true;
    }

    private static async Task<T> StayAsync<T>(Task<T> work) => await work;

    private static async Task<bool> AsResultAsync(Task work)
    {
        await work;
        return true;
    }

    private bool TryLeave<T>(string what, Task<T> work)
    {
        LinkedListNode<Entry> entry;
        lock (_lock)
        {
            if (_left.Count == Limit)
            {
                return false;
            }

            entry = _left.AddLast(new Entry(what, time.GetTimestamp()));
        }

        NodeLog.WorkAbandoned(log, what);
        entry.Value.Ending = EndAsync(entry, work);
        return true;
    }

    private async Task EndAsync<T>(LinkedListNode<Entry> entry, Task<T> work)
    {
        try
        {
            if (await work is IAsyncDisposable late)
            {
                await late.DisposeAsync();
            }
        }
        catch (Exception e) // application code may throw anything
        {
            NodeLog.AbandonedWorkFailed(log, entry.Value.What, e);
        }

        Remove(entry);
    }

    private void Remove(LinkedListNode<Entry> entry)
    {
        lock (_lock)
        {
            _left.Remove(entry);
        }
    }

    private sealed class Entry(string what, long since)
    {
        public string What => what;

        public long Since => since;

        /// <summary>Kept so that the task is not without an owner.</summary>
        public Task? Ending { get; set; }
    }
}
