using System.Runtime.ExceptionServices;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// A long-lived stream to one peer behind a <see cref="MessageWriter{T}"/>: opened again with back-off when it breaks, greeted each
/// time. It holds no queue: while there is no stream its one writer waits, and what a broken stream had accepted is lost.
/// </summary>
internal sealed class PerPeerStream<T> : IAsyncDisposable
{
    private static readonly TimeSpan s_opening = TimeSpan.FromSeconds(10); // where the operation's own time has no bound

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new(); // has neither timer nor links, so nothing to dispose of
    private readonly CancellationTokenSource _abandoned = new(); // as well, before the writer was completed: the stream is reset at once
    private readonly CancellationTokenSource _isOver = new(); // cancelled when no stream is opened any more
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<CancellationToken, ValueTask<MessageWriter<T>>> _open;
    private readonly Func<ProtocolId, IEnumerable<T>> _hello;
    private readonly IStreamOpener _opener;
    private readonly TimeSpan _openingTime;
    private readonly string _subject;
    private readonly CancellationToken _callerEnds;
    private readonly CancellationTokenRegistration _withCaller;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _streamEnds; // of the stream that is open or being opened
    private MessageWriter<T>? _current;
    private Exception? _over; // why there is no stream any more
    private bool _isWriting;

    private PerPeerStream(
        Func<CancellationToken, ValueTask<MessageWriter<T>>> open,
        Func<ProtocolId, IEnumerable<T>> hello,
        OperationSettings settings,
        IStreamOpener opener,
        CancellationToken callerEnds)
    {
        _open = open;
        _hello = hello;
        _opener = opener;
        _openingTime = settings.Limits.Exchange ?? s_opening;
        _subject = CallFailure.Subject(settings.Ids[0], opener.Peer);
        _callerEnds = callerEnds;
        _withCaller = callerEnds.UnsafeRegister(static state => ((PerPeerStream<T>)state!).Abandon(), this);
    }

    /// <summary>Cancelled when there is no stream any more, and none will be opened.</summary>
    public CancellationToken Ends => _isOver.Token;

    /// <summary>Throws why there is no stream any more, where that is so.</summary>
    public void ThrowIfOver()
    {
        if (Volatile.Read(ref _over) is { } over)
        {
            ExceptionDispatchInfo.Throw(over);
        }
    }

    /// <summary>The id agreed on the stream that was opened last.</summary>
    public ProtocolId Protocol { get; private set; } = null!;

    /// <summary>Opens the first stream, greets, and keeps it open from then on.</summary>
    /// <param name="open">Opens a stream; its token ends the stream too.</param>
    /// <param name="hello">What goes first on each.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Owns the work that keeps it open.</param>
    /// <param name="context">The caller's: its time is the first opening's, its token the writer's.</param>
    /// <returns>What writes; the caller's.</returns>
    public static async ValueTask<MessageWriter<T>> OpenAsync(
        Func<CancellationToken, ValueTask<MessageWriter<T>>> open,
        Func<ProtocolId, IEnumerable<T>> hello,
        OperationSettings settings,
        IStreamOpener opener,
        CallContext context)
    {
        PerPeerStream<T> stream = new(open, hello, settings, opener, context.CancellationToken);
        MessageWriter<T> first;
        try
        {
            first = await stream.GreetAsync(context.Timeout < stream._openingTime ? context.Timeout.Value : stream._openingTime);
        }
        catch (Exception e)
        {
            stream._withCaller.Dispose();
            if (context.CancellationToken.IsCancellationRequested)
            {
                throw stream.GivenUp(e, context.CancellationToken);
            }

            throw;
        }

        if (!AmbientFlow.Start((opener, stream, first), static start => start.opener.TryRun(token => start.stream.RunAsync(start.first, token))))
        {
            stream._withCaller.Dispose();
            stream._streamEnds?.Dispose();
            await first.DisposeAsync(isComplete: true);
            throw new ConnectionClosedException(
                $"{stream._subject}: the connection or the node is closing", CallFailure.Closing);
        }

        return new MessageWriter<T>(first, stream);
    }

    /// <summary>Writes a message to the stream that is open, or to the next one.</summary>
    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        while (true)
        {
            MessageWriter<T> writer = await EnterAsync(cancellationToken);
            try
            {
                await writer.WriteAsync(message, cancellationToken);
                return;
            }
            catch (Exception e) when (IsBreak(e))
            {
                if (cancellationToken.IsCancellationRequested || _callerEnds.IsCancellationRequested)
                {
                    throw GivenUp(e, cancellationToken);
                }

                Break(writer, e); // the message was not accepted: it goes out again, on the next stream
            }
            finally
            {
                Leave();
            }
        }
    }

    /// <summary>Ends our direction in order; no stream is opened after this one.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        MessageWriter<T>? current;
        lock (_gate)
        {
            current = _current;
        }

        try
        {
            await (current?.CompleteAsync(cancellationToken) ?? ValueTask.CompletedTask);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested || _callerEnds.IsCancellationRequested)
        {
            throw GivenUp(e, cancellationToken); // not by the one stream's token
        }

        await EndAsync();
    }

    /// <summary>Ends the stream at once; none is opened after it.</summary>
    public void Reset(ErrorCode code)
    {
        MessageWriter<T>? current;
        lock (_gate)
        {
            current = _current;
        }

        current?.Reset(code);
        Abandon();
    }

    /// <summary>Resets the stream, unless it was completed, and waits until nothing of it is running. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        Abandon();
        await _ended.Task;
    }

    private async Task EndAsync()
    {
        _ending.Cancel();
        await _ended.Task;
    }

    private void Abandon()
    {
        _abandoned.Cancel();
        _ending.Cancel();
    }

    private OperationCanceledException GivenUp(Exception cause, CancellationToken wait) =>
        new($"{_subject}: cancelled by the caller", cause, _callerEnds.IsCancellationRequested ? _callerEnds : wait);

    /// <summary>Keeps a stream open until it is disposed of, the owner ends, or nobody is there.</summary>
    private async Task RunAsync(MessageWriter<T> first, CancellationToken ownerEnds)
    {
        using CancellationTokenRegistration withOwner = ownerEnds.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _ending);
        using CancellationTokenRegistration withCaller = _withCaller;
        Exception over;
        try
        {
            Reopening reopening = new(_opener.Random);
            MessageWriter<T> writer = first;
            while (true)
            {
                long since = _opener.Time.GetTimestamp();
                Publish(writer);
                await writer.EndedAsync(_ending.Token);
                Exception? cause = writer.EndCause;
                await RetireAsync(writer);
                _ending.Token.ThrowIfCancellationRequested();
                reopening.OnBroken(_opener.Time.GetElapsedTime(since));
                writer = await ReopenAsync(reopening, cause);
            }
        }
        catch (OperationCanceledException e) when (_ending.IsCancellationRequested)
        {
            over = _callerEnds.IsCancellationRequested ? GivenUp(e, CancellationToken.None)
                : ownerEnds.IsCancellationRequested ? new ConnectionClosedException($"{_subject}: the connection or the node is closing", CallFailure.Closing)
                : Closed();
        }
        catch (Exception e)
        {
            over = e; // told to whoever writes
        }

        lock (_gate)
        {
            _over = over;
            Signal();
        }

        _isOver.Cancel();
        _streamEnds?.Dispose();
        _ended.SetResult();
    }

    private async ValueTask<MessageWriter<T>> ReopenAsync(Reopening reopening, Exception? cause)
    {
        while (reopening.TryNext(out TimeSpan delay))
        {
            await Waits.DelayAsync(delay, _opener.Time, _ending.Token);
            try
            {
                return await GreetAsync(_openingTime);
            }
            catch (Libp2pException e) when (e is not ProtocolNotSupportedException)
            {
                cause = e;
            }
        }

        EndReason reason = (cause as Libp2pException)?.Reason ?? new EndReason(EndedBy.Remote, ErrorCode.None, "The stream broke");
        throw new StreamResetException($"{_subject}: given up after {Reopening.MaxAttempts} attempts to open the stream again: {reason.Reason}", reason);
    }

    /// <summary>Opens a stream and sends the hello.</summary>
    private async ValueTask<MessageWriter<T>> GreetAsync(TimeSpan time)
    {
        using Deadline deadline = Deadline.Start(time, _opener.Time, _ending.Token);
        MessageWriter<T>? writer = null;
        try
        {
            writer = await OpenWithinAsync(deadline);
            foreach (T message in _hello(writer.Protocol))
            {
                await writer.WriteAsync(message, deadline.Token);
            }

            return writer;
        }
        catch (Exception e)
        {
            if (writer is not null)
            {
                await writer.DisposeAsync();
            }

            if (deadline.IsOver)
            {
                throw deadline.Exceeded($"{_subject}: opening the stream", e);
            }

            ExceptionDispatchInfo.Throw(e);
            throw;
        }
    }

    /// <summary>The stream's token outlives the opening, so the opening's time cancels a source of the stream's own.</summary>
    private async ValueTask<MessageWriter<T>> OpenWithinAsync(Deadline deadline)
    {
        _streamEnds?.Dispose();
        _streamEnds = CancellationTokenSource.CreateLinkedTokenSource(_abandoned.Token);
        using CancellationTokenRegistration late = deadline.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _streamEnds);
        return await _open(_streamEnds.Token);
    }

    /// <summary>Waits until the write that is going on has failed too, then ends the stream.</summary>
    private async ValueTask RetireAsync(MessageWriter<T> writer)
    {
        bool isComplete = writer.IsCompleted || (_ending.IsCancellationRequested && !_abandoned.IsCancellationRequested);
        if (_ending.IsCancellationRequested)
        {
            writer.End(Closed());
        }

        while (true)
        {
            Task changed;
            lock (_gate)
            {
                _current = null;
                if (!_isWriting)
                {
                    break;
                }

                changed = _changed.Task;
            }

            await changed;
        }

        await writer.DisposeAsync(isComplete);
    }

    private ConnectionClosedException Closed() =>
        new($"{_subject}: the writer was closed", new EndReason(EndedBy.Local, ErrorCode.None, "The writer was closed"));

    private void Publish(MessageWriter<T> writer)
    {
        lock (_gate)
        {
            Protocol = writer.Protocol;
            _current = writer;
            Signal();
        }
    }

    /// <summary>The open stream, which stays until <see cref="Leave"/>.</summary>
    private async ValueTask<MessageWriter<T>> EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_over is not null)
                {
                    ExceptionDispatchInfo.Throw(_over);
                }

                if (_current is { } writer)
                {
                    _isWriting = true;
                    return writer;
                }

                changed = _changed.Task;
            }

            await ChangedAsync(changed).WaitAsync(cancellationToken);
        }
    }

    /// <summary>An async method between, so that cancelling the wait does not leave its context (docs/simulation.md).</summary>
    private static async Task ChangedAsync(Task changed) => await changed;

    private void Leave()
    {
        lock (_gate)
        {
            _isWriting = false;
            Signal();
        }
    }

    private void Break(MessageWriter<T> writer, Exception cause)
    {
        lock (_gate)
        {
            if (_current == writer)
            {
                _current = null;
            }
        }

        writer.End(cause);
    }

    /// <summary>Under the lock: wakes whoever waits for a change.</summary>
    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static bool IsBreak(Exception e) => e is StreamResetException or ConnectionClosedException or ProtocolViolationException
        or DeadlineExceededException or OperationCanceledException;
}
