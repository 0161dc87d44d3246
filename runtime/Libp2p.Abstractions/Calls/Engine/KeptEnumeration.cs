using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// One enumeration over several streams: what was taken and not sent stays, and a wait for the next item goes on while the stream is
/// replaced. What does not come back when the call ends is left behind (<see cref="LeftBehind"/>). One reader at a time.
/// </summary>
internal sealed class KeptEnumeration<T>(IAsyncEnumerable<T> items, string operation, IStreamOpener opener, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private IAsyncEnumerator<T>? _enumerator;
    private Task<bool>? _next; // of the item that nobody has taken yet

    /// <summary>Waits for an item, which stays until <see cref="Take"/>; false at the end.</summary>
    /// <param name="giveUp">Ends this wait, and not the enumeration's.</param>
    public async ValueTask<bool> HasNextAsync(CancellationToken giveUp)
    {
        _enumerator ??= items.GetAsyncEnumerator(_ending.Token);
        _next ??= _enumerator.MoveNextAsync().AsTask();
        return await HasNextAsync(_next).WaitAsync(giveUp);
    }

    /// <summary>An async method between, so that giving up the wait does not leave its context (docs/simulation.md).</summary>
    private static async Task<bool> HasNextAsync(Task<bool> next) => await next;

    /// <summary>The item that is there.</summary>
    public T Current => _enumerator!.Current;

    /// <summary>The item was sent.</summary>
    public void Take() => _next = null;

    /// <summary>Ends the enumeration, and waits for it for a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        await opener.Scheduler.Enter();
        _ending.Cancel();
        await LeftBehind.EndAsync(EndAsync(), operation, new CallLife(opener.Time, opener, _ending.Token));
        _ending.Dispose();
    }

    private async Task EndAsync()
    {
        if (_next is not null)
        {
            await new ValueTask(_next).SucceedsAsync();
        }

        if (_enumerator is not null)
        {
            await _enumerator.DisposeAsync();
        }
    }
}
