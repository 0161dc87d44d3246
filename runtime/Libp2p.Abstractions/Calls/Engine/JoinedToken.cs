namespace Libp2p;

/// <summary>A token that either of two cancels; allocates only where both can.</summary>
internal readonly struct JoinedToken : IDisposable
{
    private readonly CancellationTokenSource? _linked;

    public JoinedToken(CancellationToken first, CancellationToken second)
    {
        bool needsBoth = first.CanBeCanceled && second.CanBeCanceled && first != second;
        _linked = needsBoth ? CancellationTokenSource.CreateLinkedTokenSource(first, second) : null;
        Token = _linked?.Token ?? (first.CanBeCanceled ? first : second);
    }

    public CancellationToken Token { get; }

    public void Dispose() => _linked?.Dispose();
}
