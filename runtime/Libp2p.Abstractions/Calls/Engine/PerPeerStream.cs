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
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<CancellationToken, ValueTask<MessageWriter<T>>> _open;
    private readonly Func<ProtocolId, IEnumerable<T>> _hello;
    private readonly IStreamOpener _opener;
    private readonly TimeSpan _openingTime;
    private readonly string _subject;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenSource? _streamEnds; // of the stream that is open or being opened
    private MessageWriter<T>? _current;
    private Exception? _over; // why there is no stream any more
    private bool _isWriting;

    private PerPeerStream(
        Func<CancellationToken, ValueTask<MessageWriter<T>>> open, Func<ProtocolId, IEnumerable<T>> hello, OperationSettings settings, IStreamOpener opener)
    {
        _open = open;
        _hello = hello;
        _opener = opener;
        _openingTime = settings.Limits.Exchange ?? s_opening;
        _subject = settings.Ids[0].Value;
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
        PerPeerStream<T> stream = new(open, hello, settings, opener);
        using CancellationTokenRegistration giveUp = stream.EndWith(context.CancellationToken);
        MessageWriter<T> first;
        try
        {
            first = await stream.GreetAsync(context.Timeout < stream._openingTime ? context.Timeout.Value : stream._openingTime);
        }
        catch (OperationCanceledException e) when (context.CancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{stream._subject}: cancelled by the caller", e, context.CancellationToken);
        }

        if (!opener.TryRun(token => stream.RunAsync(first, token, context.CancellationToken)))
        {
            await first.DisposeAsync();
            throw new ConnectionClosedException(
                $"{stream._subject}: the connection or the node is ending", new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The connection or the node is ending"));
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
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsBreak(e))
            {
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
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"{_subject}: cancelled by the caller", e, cancellationToken); // not by the one stream's
        }

        await DisposeAsync();
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
        _ending.Cancel();
    }

    /// <summary>Ends the stream in order, and waits until nothing of it is running. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        _ending.Cancel();
        await _ended.Task;
    }

    /// <summary>Keeps a stream open until it is disposed of, the owner ends, or nobody is there.</summary>
    private async Task RunAsync(MessageWriter<T> first, CancellationToken ownerEnds, CancellationToken callerEnds)
    {
        using CancellationTokenRegistration withOwner = EndWith(ownerEnds);
        using CancellationTokenRegistration withCaller = EndWith(callerEnds);
        Exception over;
        try
        {
            Reopening reopening = new(_opener.Random);
            MessageWriter<T> writer = first;
            while (true)
            {
                long since = _opener.Time.GetTimestamp();
                Publish(writer);
                await writer.EndedAsync();
                Exception? cause = writer.EndCause;
                await RetireAsync(writer);
                _ending.Token.ThrowIfCancellationRequested();
                reopening.OnBroken(_opener.Time.GetElapsedTime(since));
                writer = await ReopenAsync(reopening, cause);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            over = new ConnectionClosedException(
                $"{_subject}: the writer was closed", new EndReason(EndedBy.Local, ErrorCode.None, "The writer was closed"));
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
        using Scheduling.Deadline deadline = Scheduling.Deadline.Start(time, _opener.Time, _ending.Token);
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
                writer.Reset();
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
    private async ValueTask<MessageWriter<T>> OpenWithinAsync(Scheduling.Deadline deadline)
    {
        _streamEnds?.Dispose();
        _streamEnds = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        using CancellationTokenRegistration late = deadline.Token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _streamEnds);
        return await _open(_streamEnds.Token);
    }

    /// <summary>Waits until the write that is going on has failed too, then ends the stream.</summary>
    private async ValueTask RetireAsync(MessageWriter<T> writer)
    {
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

        await writer.DisposeAsync();
    }

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

    private CancellationTokenRegistration EndWith(CancellationToken token) =>
        token.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _ending);

    /// <summary>Under the lock: wakes whoever waits for a change.</summary>
    private void Signal()
    {
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private static bool IsBreak(Exception e) => e is StreamResetException or ConnectionClosedException or ProtocolViolationException
        or DeadlineExceededException or OperationCanceledException;
}
