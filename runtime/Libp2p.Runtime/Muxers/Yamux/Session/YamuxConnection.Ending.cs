namespace Libp2p.Muxers.Yamux;

/// <content>How a session ends: the first reason wins.</content>
internal sealed partial class YamuxConnection
{
    private readonly TaskCompletionSource _callbacksDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _callbacks = 1; // that run or are about to, and one for the session itself
    private EndReason? _end;
    private EndReason? _goingAway; // the remote said goodbye, and its link has not ended yet
    private Exception? _writeFailure;
    private bool _hasWriteFailed;

    /// <inheritdoc/>
    public async ValueTask CloseAsync(EndReason reason, CancellationToken cancellationToken)
    {
        End(reason, Farewell.InOrder(reason.Code.Value)); // takes effect before the caller goes on
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Scheduler.Enter();
            await Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Abort(reason);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Abort(EndReason reason)
    {
        End(reason, Farewell.None);
        Stop(reason);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(new EndReason(EndedBy.Local, ErrorCode.None, "The connection was disposed of"), Farewell.InOrder(GoAwayCode.Normal));
        await Scheduler.Enter();
        await Completion;
    }

    /// <summary>The remote said goodbye.</summary>
    /// <remarks>
    /// go, rust and js close the link right after. Older Yamux lets streams go on after code 0, so until the link ends, or no stream
    /// is left, they do.
    /// </remarks>
    public void OnGoAway(uint code)
    {
        EndReason reason = new(EndedBy.Remote, new ErrorCode(code), code switch
        {
            GoAwayCode.Normal => "The remote said goodbye",
            GoAwayCode.ProtocolError => "The remote says that we broke the protocol (GoAway 1)",
            GoAwayCode.InternalError => "The remote had an internal error, or too many streams (GoAway 2)",
            _ => $"The remote said goodbye with code {new ErrorCode(code)}",
        });
        bool ends;
        TaskCompletionSource[] waiters;
        lock (_gate)
        {
            _goingAway ??= reason;
            ends = code != GoAwayCode.Normal || _table.Count == 0;
            waiters = [.. _opening];
            _opening.Clear();
        }

        foreach (TaskCompletionSource waiter in waiters)
        {
            waiter.TrySetResult(); // to find that there will be none
        }

        if (ends)
        {
            End(reason, Farewell.AfterData);
        }
    }

    /// <summary>Cancels a stream's token where its watchers may run: on the scheduler, under no lock, on nobody's loop.</summary>
    public void Cancel(CancellationTokenSource aborted)
    {
        Interlocked.Increment(ref _callbacks);
        Scheduler.Schedule(
            static state =>
            {
                (YamuxConnection self, CancellationTokenSource source) = ((YamuxConnection, CancellationTokenSource))state!;
                self.RunCallbacks(source);
            },
            (this, aborted));
    }

    private void End(EndReason reason, Farewell farewell)
    {
        YamuxStream[] streams;
        YamuxStream[] unaccepted;
        TaskCompletionSource[] waiters;
        TaskCompletionSource? acceptor;
        lock (_gate)
        {
            if (_end is not null)
            {
                return;
            }

            _end = reason;
            _ignoresInput = !farewell.DrainsData;
            streams = [.. _table.Streams];
            unaccepted = new YamuxStream[_accepting.Count];
            for (int i = 0; i < unaccepted.Length; i++)
            {
                unaccepted[i] = _accepting.TakeFirst()!;
            }

            waiters = [.. _opening];
            _opening.Clear();
            acceptor = _acceptor;
            _acceptor = null;
            _deadline = Time.GetTimestamp() + Ticks(Options.CloseTimeout);
            SetTimer();
        }

        YamuxLog.Ended(_logger, RemoteAddress, reason);

        // What came before somebody else ended the connection may still be read; nobody will accept what was not accepted.
        bool keepsReceived = reason.By is not (EndedBy.Local or EndedBy.Caller);
        foreach (YamuxStream stream in unaccepted)
        {
            stream.OnConnectionEnd(reason, farewell.DrainsData, keepsReceived: false);
        }

        foreach (YamuxStream stream in streams)
        {
            stream.OnConnectionEnd(reason, farewell.DrainsData, keepsReceived);
        }

        foreach (TaskCompletionSource waiter in waiters)
        {
            waiter.TrySetResult();
        }

        acceptor?.TrySetResult();
        if (Outbox.Finish(farewell))
        {
            Outbox.Wake();
        }
    }

    // Ends both loops, whatever they wait for.
    private void Stop(EndReason reason)
    {
        _isStopped = true;
        _link.Abort(reason);
        if (Outbox.Finish(Farewell.None))
        {
            Outbox.Wake();
        }

        _link.Input.CancelPendingRead();
        _link.Output.CancelPendingFlush();
    }

    private void OnLinkEnd(Exception? exception, bool isInsideFrame)
    {
        EndReason? reason = _goingAway;
        exception ??= _writeFailure;
        if (reason is null)
        {
            reason = exception is not null
                ? new EndReason(EndedBy.Link, (exception as Libp2pException)?.Reason.Code ?? default, $"The link broke: {exception.Message}", exception)
                : isInsideFrame ? new EndReason(EndedBy.Link, ErrorCode.None, "The link ended inside a frame")
                : _hasWriteFailed ? new EndReason(EndedBy.Link, ErrorCode.None, "The link takes no more bytes")
                : new EndReason(EndedBy.Remote, ErrorCode.None, "The remote closed the connection without a goodbye");
        }

        bool isOurs;
        lock (_gate)
        {
            isOurs = _end is { By: EndedBy.Local };
        }

        End(reason, Farewell.None);
        if (!isOurs || exception is not null)
        {
            // Nobody reads what we would still write. Where both ends say goodbye at once, both write to the end.
            _isStopped = true;
            if (Outbox.Finish(Farewell.None))
            {
                Outbox.Wake();
            }

            _link.Output.CancelPendingFlush();
        }
    }

    private void OnWriteFailed(Exception? exception)
    {
        // What the remote sent before it went may tell why; so reading goes on, for a while.
        lock (_gate)
        {
            _hasWriteFailed = true;
            _writeFailure = exception;
            if (_deadline == long.MaxValue)
            {
                _deadline = Time.GetTimestamp() + Ticks(Options.CloseTimeout);
                SetTimer();
            }
        }
    }

    private async Task<EndReason> FinishAsync()
    {
        YamuxStream[] streams;
        lock (_gate)
        {
            streams = [.. _table.Streams];
        }

        foreach (YamuxStream stream in streams)
        {
            stream.DropQueued();
        }

        while (Outbox.TryTakeData(out YamuxStream? left, out _) || Outbox.TryTakeControl(out left))
        {
            left.DropQueued(); // it left the table, and its last words did not get out
        }

        try
        {
            await _link.DisposeAsync();
        }
        catch (Exception exception) // a link that cannot even be closed is still ended
        {
            YamuxLog.LinkNotClosed(_logger, RemoteAddress, exception);
        }

        await _timer.DisposeAsync();
        if (Interlocked.Decrement(ref _callbacks) > 0)
        {
            await _callbacksDone.Task;
        }

        Memory.Close();
        Segments.Trim();
        return _end!;
    }

    private void RunCallbacks(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (AggregateException exception)
        {
            YamuxLog.WatcherFailed(_logger, RemoteAddress, exception);
        }
        finally
        {
            if (Interlocked.Decrement(ref _callbacks) == 0)
            {
                _callbacksDone.TrySetResult();
            }
        }
    }
}
