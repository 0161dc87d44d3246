using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <content>
/// The writer loop: writes the batch that the session plans, and flushes once. While it sleeps, an application that flushes may run it on
/// its own thread for one batch (<see cref="ConnectionEffects.WriteHere"/>): once for each batch that the link brings, so that a request
/// and its answer leave at once, and what an application sends in a row is gathered. A thread that the reader lent to an application writes
/// what that flushed when it comes back.
/// </content>
internal sealed partial class YamuxConnection : IValueTaskSource
{
    private const int SmallBatch = 8;

    private readonly List<PlannedFrame> _batch = [];
    private ManualResetValueTaskSourceCore<bool> _awake;
    private bool _isWriterAwake = true;
    private bool _mayWriteHere = true;
    private bool _isBorrowed; // the loop runs on a thread that is not its own
    private int _lentThread; // its id; 0: none is lent
    private long _lentUntil = long.MaxValue; // what waits for the lent thread waits no longer
    private Exception? _writeFailure;
    private bool _hasWriteFailed;
    private long _sent; // the writer's, for others to read

    private async Task WriteAsync()
    {
        PipeWriter output = _link.Output;
        try
        {
            for (bool isLast = false; !isLast;)
            {
                await WorkAsync();
                isLast = WriteBatch(output);
                FlushResult flushed = await output.FlushAsync();
                if (_session.IsStopped)
                {
                    break;
                }

                if (flushed.IsCompleted && !isLast)
                {
                    OnWriteFailed(null);
                    break;
                }

                if (_isBorrowed)
                {
                    _isBorrowed = false;
                    if (_session.IsWriteDue)
                    {
                        await Task.Yield(); // one batch is what the thread was lent for
                    }
                }
            }

            await output.CompleteAsync();
        }
        catch (Exception exception) // whatever a link throws, it is the link's end
        {
            OnWriteFailed(exception);
        }
    }

    /// <summary>Waits until there is something to write.</summary>
    private ValueTask WorkAsync()
    {
        lock (Gate)
        {
            if (_session.IsWriteDue)
            {
                return ValueTask.CompletedTask;
            }

            _isWriterAwake = false;
            _awake.Reset();
            return new ValueTask(this, _awake.Version);
        }
    }

    private bool WriteBatch(PipeWriter output)
    {
        bool isLast;
        SessionEffects effects;
        lock (Gate)
        {
            isLast = _session.PlanBatch(_batch, Now);
            effects = Settle();
        }

        Run(effects);
        FrameSpan frames = new(output);
        try
        {
            foreach (PlannedFrame frame in _batch)
            {
                frames.WriteHeader(frame.Header);
                ((YamuxStream?)frame.Source)?.Copy(ref frames, (int)frame.Header.Length);
            }

            frames.Commit();
        }
        finally
        {
            EndBatch();
        }

        Volatile.Write(ref _sent, _sent + frames.Written);
        return isLast;
    }

    private void EndBatch() => Change(this, static (self, _) =>
    {
        foreach (PlannedFrame frame in self._batch)
        {
            ((YamuxStream?)frame.Source)?.EndCopy((int)frame.Header.Length);
        }

        self._batch.Clear();
        if (self._batch.Capacity > SmallBatch && self._session.StreamCount == 0)
        {
            self._batch.Capacity = 0;
        }
    });

    // Under the lock: what wakes the writer, if it sleeps and has work.
    private ConnectionEffects StartWriter(bool mayWrite)
    {
        if (_isWriterAwake || !_session.IsWriteDue)
        {
            return ConnectionEffects.None;
        }

        if (_lentThread == Environment.CurrentManagedThreadId)
        {
            _lentUntil = Math.Min(_lentUntil, Now + (Time.TimestampFrequency / 1000));
            return ConnectionEffects.None;
        }

        _isWriterAwake = true;
        if (!mayWrite || !_mayWriteHere || !Scheduler.IsCurrent)
        {
            return ConnectionEffects.WakeWriter;
        }

        _mayWriteHere = false;
        return ConnectionEffects.WriteHere;
    }

    /// <summary>Lends this thread to a waiter, and then writes in one batch what that left to be written.</summary>
    private void Lend(IWaiter waiter)
    {
        bool isLent;
        lock (Gate)
        {
            isLent = _lentThread == 0;
            if (isLent)
            {
                _lentThread = Environment.CurrentManagedThreadId;
            }
        }

        waiter.Wake(isHere: true);
        if (isLent)
        {
            TakeBack();
        }
    }

    private void TakeBack()
    {
        bool writes;
        lock (Gate)
        {
            _lentThread = 0;
            _lentUntil = long.MaxValue;
            writes = !_isWriterAwake && _session.IsWriteDue;
            _isWriterAwake |= writes;
        }

        if (writes)
        {
            WakeWriter(isHere: true);
        }
    }

    private void WakeWriter(bool isHere)
    {
        _isBorrowed = isHere;
        _awake.RunContinuationsAsynchronously = !isHere;
        _awake.SetResult(true);
    }

    private void OnWriteFailed(Exception? exception) => Change((this, exception), static (failure, now) =>
    {
        failure.Item1._hasWriteFailed = true;
        failure.Item1._writeFailure = failure.exception;
        failure.Item1._session.OnWriteFailed(now);
    });

    void IValueTaskSource.GetResult(short token) => _awake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _awake.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _awake.OnCompleted(continuation, state, token, flags);
}
