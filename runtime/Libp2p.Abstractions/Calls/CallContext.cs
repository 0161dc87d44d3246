using Libp2p.Connections;

namespace Libp2p;

/// <summary>
/// What accompanies one call. A responder learns from it who calls, over what, by which id, and when to stop; an initiator gives
/// with it cancellation, a time limit, and a place for what the call tells afterwards. <c>default</c> is legal everywhere.
/// </summary>
public readonly struct CallContext
{
    private readonly object? _subject; // responder: the P2PStream; initiator: the CallInfo

    /// <summary>An initiator's context.</summary>
    /// <param name="cancellationToken">Cancels the call, and resets its stream.</param>
    /// <param name="timeout">
    /// Time for the call on the node's clock, however long; the operation's own limit applies as well. Null and
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>: the operation's own limit only. Zero and below: the time is over, and the call fails with
    /// <see cref="DeadlineExceededException"/> before anything is sent.
    /// </param>
    /// <param name="info">Filled while the call runs.</param>
    public CallContext(CancellationToken cancellationToken, TimeSpan? timeout = null, CallInfo? info = null)
    {
        CancellationToken = cancellationToken;
        Timeout = timeout == System.Threading.Timeout.InfiniteTimeSpan ? null : timeout < TimeSpan.Zero ? TimeSpan.Zero : timeout;
        _subject = info;
    }

    /// <summary>A responder's context.</summary>
    /// <param name="stream">What the call came by.</param>
    /// <param name="cancellationToken">Cancelled when the call's time is over, or its stream or connection goes.</param>
    public CallContext(P2PStream stream, CancellationToken cancellationToken)
    {
        CancellationToken = cancellationToken;
        _subject = stream;
    }

    /// <summary>Responder: the call's stream, its connection or its time is going. Initiator: the caller gives up.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>Initiator: time for the call; null: the operation's own limit.</summary>
    public TimeSpan? Timeout { get; }

    /// <summary>
    /// Initiator: whether the request may be sent again although the responder may have run it already, as if the operation were marked
    /// <see cref="IdempotentAttribute"/>.
    /// </summary>
    public bool MayRepeat { get; init; }

    /// <summary>Initiator: what is filled while the call runs.</summary>
    public CallInfo? Info => _subject as CallInfo;

    /// <summary>Responder: who calls; null in a local call.</summary>
    public PeerId? RemotePeer => Connection?.RemotePeer;

    /// <summary>Responder: what carries the call; null in a local call.</summary>
    public IPeerConnection? Connection => (_subject as P2PStream)?.Connection;

    /// <summary>Responder: the id that was agreed; null in a local call.</summary>
    public ProtocolId? Protocol => (_subject as P2PStream)?.Protocol;

    /// <summary>A context that only cancels.</summary>
    public static implicit operator CallContext(CancellationToken cancellationToken) => new(cancellationToken);

    /// <summary>A context that only cancels.</summary>
    public static CallContext FromCancellationToken(CancellationToken cancellationToken) => new(cancellationToken);

    /// <summary>The same context, cancelled by another token.</summary>
    public CallContext WithCancellation(CancellationToken cancellationToken) => new(_subject, Timeout, cancellationToken) { MayRepeat = MayRepeat };

    private CallContext(object? subject, TimeSpan? timeout, CancellationToken cancellationToken) =>
        (_subject, Timeout, CancellationToken) = (subject, timeout, cancellationToken);
}
