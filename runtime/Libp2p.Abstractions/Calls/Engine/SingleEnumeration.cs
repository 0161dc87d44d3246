namespace Libp2p;

/// <summary>What a streaming call returns: nothing happens before the first item is asked for, and it can be enumerated once.</summary>
internal sealed class SingleEnumeration<T>(Func<CancellationToken, IAsyncEnumerator<T>> start) : IAsyncEnumerable<T>
{
    private int _started;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        Interlocked.Exchange(ref _started, 1) == 0
            ? start(cancellationToken)
            : throw new InvalidOperationException("A streaming call is one call: it is enumerated once. Call the operation again.");
}
