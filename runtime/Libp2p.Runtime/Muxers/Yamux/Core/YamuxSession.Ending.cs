namespace Libp2p.Muxers.Yamux;

/// <content>How a session ends: the first reason wins.</content>
internal sealed partial class YamuxSession
{
    /// <summary>Whether the loops of the driver must not wait for the link any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Ends it.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="ending">What is still sent.</param>
    /// <param name="now">The time.</param>
    public void End(EndReason reason, WriterEnding ending, long now)
    {
        if (EndReason is not null)
        {
            return;
        }

        EndReason = reason;
        IgnoresInput = !ending.DrainsData;
        _deadline = After(now, Options.CloseTimeout);
        _effects.Add(ConnectionEffects.Ended | ConnectionEffects.WakeOpeners);
        if (TryStopAccepting())
        {
            _effects.Add(ConnectionEffects.WakeAcceptor);
        }

        // What came before the remote or the link ended the connection may still be read, on streams that the application has.
        bool keepsReceived = reason.By is not (EndedBy.Local or EndedBy.Caller);
        while (_accepting.TakeFirst() is { } stream)
        {
            stream.OnConnectionEnd(reason, ending.DrainsData, keepsReceived: false, now);
        }

        foreach (SessionStream stream in _table.Streams)
        {
            stream.OnConnectionEnd(reason, ending.DrainsData, keepsReceived, now);
        }

        EndWriter(ending);
    }

    /// <summary>Ends it at once, and the link too.</summary>
    public void Abort(EndReason reason, long now)
    {
        End(reason, WriterEnding.AtOnce, now);
        Stop();
        _effects.Add(ConnectionEffects.AbortLink);
    }

    /// <summary>The link has ended, and so does the session.</summary>
    /// <param name="exception">What the link threw when it was read; null for an end in order.</param>
    /// <param name="writeFailure">What it threw when it was written.</param>
    /// <param name="hasWriteFailed">Whether it takes no more bytes.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether the writer must not wait any more either: the remote reads nothing.</returns>
    public bool OnLinkEnd(Exception? exception, Exception? writeFailure, bool hasWriteFailed, long now)
    {
        bool isInsideFrame = exception is null && !IsBetweenFrames;
        exception ??= writeFailure;
        bool isOurs = EndReason is { By: EndedBy.Local };
        End(
            GoingAway ?? (
                exception is not null ? new EndReason(
                    EndedBy.Link, (exception as Libp2pException)?.Reason.Code ?? default, $"The link broke: {exception.Message}", exception)
                : isInsideFrame ? new EndReason(EndedBy.Link, ErrorCode.None, "The link ended inside a frame")
                : hasWriteFailed ? new EndReason(EndedBy.Link, ErrorCode.None, "The link takes no more bytes")
                : new EndReason(EndedBy.Remote, ErrorCode.None, "The remote closed the connection without a GoAway")),
            WriterEnding.AtOnce,
            now);
        if (isOurs && exception is null)
        {
            return false; // where both ends say GoAway at once, both write to the end
        }

        Stop();
        return true;
    }

    /// <summary>The link takes no more bytes. What the remote sent before it went may tell why, so reading goes on, for a while.</summary>
    public void OnWriteFailed(long now)
    {
        if (_deadline == long.MaxValue)
        {
            _deadline = After(now, Options.CloseTimeout);
        }
    }

    /// <summary>
    /// The remote ends the session: at once when it has a code. go, rust and js close the link right after; older Yamux lets streams
    /// go on after code 0, so until the link ends, or no stream is left, they do.
    /// </summary>
    private void OnGoAway(uint code, long now)
    {
        EndReason reason = new(EndedBy.Remote, new ErrorCode(code), code switch
        {
            GoAwayCode.Normal => "The remote said goodbye",
            GoAwayCode.ProtocolError => "The remote says that we broke the protocol (GoAway 1)",
            GoAwayCode.InternalError => "The remote had an internal error, or too many streams (GoAway 2)",
            _ => $"The remote said goodbye with code {new ErrorCode(code)}",
        });
        GoingAway ??= reason;
        _effects.Add(ConnectionEffects.WakeOpeners); // to find that no stream will be opened
        if (code != GoAwayCode.Normal || _table.Count == 0)
        {
            End(reason, WriterEnding.AfterData, now);
        }
    }

    private void Stop()
    {
        IsStopped = true;
        EndWriter(WriterEnding.AtOnce);
    }
}
