using System.Runtime.ExceptionServices;

namespace Libp2p;

/// <summary>
/// How two streams or dialogues end that were joined into one: the first failure of either direction ends the other, and is what the
/// caller is told, not what followed from it.
/// </summary>
/// <param name="codes">The codes that stand for exceptions.</param>
/// <param name="cancellationToken">The caller's.</param>
internal sealed class Join(IReadOnlyList<ResetCode> codes, CancellationToken cancellationToken) : IDisposable
{
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    private ExceptionDispatchInfo? _cause;

    /// <summary>Cancelled when either direction has failed, and by the caller.</summary>
    public CancellationToken Token => _ending.Token;

    /// <summary>Waits for both directions, which tell <see cref="Fail"/> of their failures, and throws the first of these.</summary>
    public async ValueTask RunAsync(Task there, Task back)
    {
        await Task.WhenAll(there, back);
        _cause?.Throw();
    }

    /// <summary>A direction failed.</summary>
    /// <param name="thrown">With what. A cancellation that only follows from the end of either side counts as that.</param>
    /// <param name="ends">How the two sides ended, as far as they have.</param>
    /// <returns>The reason that both sides are reset with: a code that one side received goes on to the other.</returns>
    public EndReason Fail(Exception thrown, params ReadOnlySpan<EndReason?> ends)
    {
        Exception cause = thrown;
        foreach (EndReason? end in ends)
        {
            if (cause is OperationCanceledException && end is { By: EndedBy.Remote or EndedBy.Link })
            {
                cause = new StreamResetException($"One of two joined streams has ended: {end.Reason}", end);
            }
        }

        ExceptionDispatchInfo? first = Interlocked.CompareExchange(ref _cause, ExceptionDispatchInfo.Capture(cause), null);
        return ResetReason.OfJoined(first?.SourceException ?? cause, codes, cancellationToken.IsCancellationRequested);
    }

    /// <summary>Ends what the other direction waits for.</summary>
    public void End() => _ending.Cancel();

    public void Dispose() => _ending.Dispose();
}
