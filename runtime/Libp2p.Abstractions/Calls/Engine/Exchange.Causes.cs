using System.Diagnostics.CodeAnalysis;

namespace Libp2p;

/// <summary>What ended the exchange, for its caller, for the remote and for a person.</summary>
internal sealed partial class Exchange
{
    /// <summary>What runs, for a person: the operation, the protocol, the peer.</summary>
    private string Subject => IsCall && (_stream?.Protocol ?? Offered) is { } id ? CallFailure.Subject(id, _subject, _stream?.RemotePeer ?? Peer) : _subject;

    /// <summary>Whether the caller's token is cancelled.</summary>
    public bool IsGivenUp => _outer.IsCancellationRequested || _second.IsCancellationRequested;

    /// <summary>
    /// Turns what was thrown into what caused it: the caller who gave up, a time that is over, a stream that is gone, a declared code. At
    /// the initiator it names operation and peer.
    /// </summary>
    public bool TryExplain(Exception thrown, [NotNullWhen(true)] out Exception? explained)
    {
        if (ReferenceEquals(thrown, _named))
        {
            explained = null;
            return false;
        }

        if (TryExplainGivenUp(thrown, out explained))
        {
            _named = explained;
            return true;
        }

        explained = CauseOf(thrown);
        if ((explained ?? thrown) is StreamResetException { Reason: { By: EndedBy.Remote } reason } reset)
        {
            _info?.RemoteCode = reason.Code;
            explained = ResetCode.ToException(ResetCodes, Subject, reset) ?? explained;
        }

        if (IsCall && (explained ?? thrown) is Libp2pException failure)
        {
            explained = CallFailure.Named(failure, Subject);
        }

        _named = explained;
        return explained is not null;
    }

    /// <summary>The same, where a further token ends one wait and not the exchange.</summary>
    public bool TryExplain(Exception thrown, CancellationToken wait, [NotNullWhen(true)] out Exception? explained)
    {
        bool isWaits = IsCall ? !IsGivenUp : !_source.IsCancellationRequested; // a handler's waits end with its exchange's token, too
        if (isWaits && wait.IsCancellationRequested && thrown is (OperationCanceledException or Libp2pException { Reason.By: not EndedBy.Violation }))
        {
            explained = new OperationCanceledException($"{Subject}: the wait was cancelled by the caller", thrown, wait);
            return true;
        }

        return TryExplain(thrown, out explained);
    }

    /// <summary>At the initiator: a caller who gave up is told that and nothing else, whatever else failed at the same time.</summary>
    public bool TryExplainGivenUp(Exception thrown, [NotNullWhen(true)] out Exception? explained)
    {
        explained = IsCall && IsGivenUp && thrown is (OperationCanceledException or Libp2pException) ? GivenUp(thrown) : null;
        return explained is not null;
    }

    /// <summary>What a caller is told who gave up.</summary>
    public OperationCanceledException GivenUp(Exception thrown) =>
        new($"{Subject}: cancelled by the caller", thrown, _outer.IsCancellationRequested ? _outer : _second);

    private Exception? CauseOf(Exception thrown)
    {
        if (_over is { } over)
        {
            return thrown is DeadlineExceededException ? null : new DeadlineExceededException($"{Subject}: {over}", thrown);
        }

        if (thrown is OperationCanceledException or StreamResetException { Reason.By: not EndedBy.Remote } && _ended is { } ended)
        {
            return ended;
        }

        if (thrown is not OperationCanceledException)
        {
            return null;
        }

        if (_outer.IsCancellationRequested)
        {
            return new ConnectionClosedException($"{Subject}: the connection or the node is closing", CallFailure.Closing);
        }

        return _stream is { Aborted.IsCancellationRequested: true, End: { } end }
            ? end.Cause as ProtocolNotSupportedException
                ?? (end.By == EndedBy.Link ? new ConnectionClosedException(TextOf(end), end) : (Exception)new StreamResetException(TextOf(end), end))
            : null;
    }

    private string TextOf(EndReason end) => IsCall ? end.Reason : $"{Subject}: {end.Reason}"; // a call's is named in the end

    /// <summary>Whether the remote failed the exchange with a declared code: its handler has answered.</summary>
    public bool IsAnswer(Exception thrown) =>
        thrown is StreamResetException { Reason: { By: EndedBy.Remote } reason } && ResetCode.IsDeclared(ResetCodes, reason.Code);

    /// <summary>The reason a stream is reset with after this exception.</summary>
    public EndReason ReasonFor(Exception thrown) =>
        IsCall ? ResetReason.OfCall(thrown, IsGivenUp) : ResetReason.OfServing(thrown, IsGivenUp);
}
