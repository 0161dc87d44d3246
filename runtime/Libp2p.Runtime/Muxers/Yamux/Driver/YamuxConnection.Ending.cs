using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>How a connection ends, and what its end waits for.</content>
internal sealed partial class YamuxConnection
{
    private readonly TaskCompletionSource _callbacksDone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _callbacks = 1; // that run or are about to, and one for the session itself

    /// <inheritdoc/>
    public async ValueTask CloseAsync(EndReason reason, CancellationToken cancellationToken)
    {
        End(reason); // takes effect before the caller goes on
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
    public void Abort(EndReason reason) =>
        Change((_session, reason), static (end, now) => end._session.Abort(end.reason, now));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(new EndReason(EndedBy.Local, ErrorCode.None, "The connection was disposed of"));
        await Scheduler.Enter();
        await Completion;
    }

    /// <summary>Cancels a stream's token where its watchers may run: on the scheduler, under no lock, on neither loop.</summary>
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

    private void End(EndReason reason) => Change(
        (_session, reason), static (end, now) => end._session.End(end.reason, WriterEnding.InOrder(end.reason.Code.Value), now));

    private void OnLinkEnd(Exception? exception)
    {
        bool stopsWriting;
        SessionEffects effects;
        lock (Gate)
        {
            stopsWriting = _session.OnLinkEnd(exception, _writeFailure, _hasWriteFailed, Now);
            effects = Settle();
        }

        Run(effects);
        if (stopsWriting)
        {
            Try(link => link.Output.CancelPendingFlush());
        }
    }

    private void AbortLink()
    {
        Try(link => link.Abort(_session.EndReason!));
        Try(static link => link.Input.CancelPendingRead());
        Try(static link => link.Output.CancelPendingFlush());
    }

    // Third-party links may throw anything, and who aborts may be a timer.
    private void Try(Action<IByteLink> step)
    {
        try
        {
            step(_link);
        }
        catch (Exception exception)
        {
            YamuxLog.LinkNotClosed(_logger, RemoteAddress, exception);
        }
    }

    private async Task<EndReason> FinishAsync()
    {
        Change(_session, static (session, _) => session.DropQueued());
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
        return _session.EndReason!;
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
