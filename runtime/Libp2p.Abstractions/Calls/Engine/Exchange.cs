using System.Diagnostics.CodeAnalysis;
using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>
/// The clock and the token of one exchange: its time as a whole, the time of each read, the time without a message. The token is
/// cancelled when one of them is over, when the caller gives up and when the stream is gone; <see cref="TryExplain"/> then tells
/// which it was.
/// </summary>
/// <remarks>One timer and one token source for the life of the exchange: a message costs a timestamp, not a timer.</remarks>
internal sealed class Exchange : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new(); // has neither timer nor links of its own, so nothing to dispose of
    private readonly TimeProvider _time;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenRegistration _outerEnds;
    private readonly CallInfo? _info;
    private CancellationTokenRegistration _streamEnds;
    private TimeSpan? _total;
    private ITimer? _timer;
    private P2PStream? _stream;
    private string _subject;
    private ExchangeTimes _times;
    private long? _firstSent;
    private long _timerDue = Timestamps.Never;
    private string? _over; // which time is over
    private Exception? _ended; // what ended it that is neither its time nor its tokens
    private bool _isDisposed;
    private bool _isSettled;
    private Exception? _failure; // what the call failed with, as its caller sees it

    /// <summary>Starts the clock.</summary>
    /// <param name="subject">What runs, as exceptions name it.</param>
    /// <param name="limits">The bounds in force.</param>
    /// <param name="total">Time for the whole; null without a bound.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="outer">The caller's token, or the node's.</param>
    /// <param name="info">Filled, if there is one.</param>
    public Exchange(string subject, OperationLimits limits, TimeSpan? total, TimeProvider time, CancellationToken outer, CallInfo? info = null)
    {
        _subject = subject;
        Limits = limits;
        _total = total;
        _time = time;
        _outer = outer;
        _info = info;
        _times = new ExchangeTimes(time.GetTimestamp(), time.TimestampFrequency);
        _outerEnds = outer.UnsafeRegister(static state => ((Exchange)state!)._source.Cancel(), this);
        StartClock();
        if (total <= TimeSpan.Zero && total != Timeout.InfiniteTimeSpan)
        {
            OnTimer(); // its time is over before anything is sent
        }
    }

    /// <summary>The node's clock.</summary>
    public TimeProvider Time => _time;

    /// <summary>The bounds in force.</summary>
    public OperationLimits Limits { get; private set; }

    /// <summary>Initiator: the codes that stand for exceptions.</summary>
    public IReadOnlyList<ResetCode> ResetCodes { get; init; } = [];

    /// <summary>What measures it; null where nobody listens. An initiator's call ends with its exchange, a responder's with its handler.</summary>
    public CallMeter? Meter { get; set; }

    /// <summary>Whether the exchange is the meter's to end.</summary>
    public bool EndsMeter { get; init; }

    /// <summary>Ends whatever the exchange waits for.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether one of its times is over.</summary>
    public bool IsOver => _over is not null;

    /// <summary>The clock of an inbound stream, started.</summary>
    public static Exchange Inbound(Operation operation, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken) =>
        Inbound(stream, settings.Limits, cancellationToken);

    /// <summary>The clock of an inbound stream that may be for one of several operations, started.</summary>
    public static Exchange Inbound(P2PStream stream, OperationLimits limits, CancellationToken cancellationToken)
    {
        Exchange exchange = new(stream.Protocol.Value, limits, limits.Exchange, stream.Time, cancellationToken) { Meter = stream.Meter };
        exchange.Attach(stream);
        return exchange;
    }

    /// <summary>It has become clear, or unclear again, which operation runs: other bounds are in force. The clock goes on.</summary>
    public void Rebound(OperationLimits limits)
    {
        Limits = limits;
        _total = limits.Exchange;
        StartClock();
    }

    /// <summary>From now on the stream's end is the exchange's, and the exchange's time the stream's.</summary>
    /// <param name="stream">What carries it.</param>
    /// <param name="endsWithStream">Whether the stream's abort cancels the token.</param>
    public void Attach(P2PStream stream, bool endsWithStream = true)
    {
        _stream = stream;
        _subject = stream.Protocol.Value;
        if (_info is not null)
        {
            (_info.Protocol, _info.Connection) = (stream.Protocol, stream.Connection);
        }

        if (endsWithStream)
        {
            _streamEnds = stream.Aborted.UnsafeRegister(static state => ((Exchange)state!)._source.Cancel(), this);
        }
    }

    /// <summary>Lets go of a stream that is replaced by another one.</summary>
    public void Detach()
    {
        _firstSent = null;
        _streamEnds.Unregister();
        _stream = null;
    }

    /// <summary>Ends the exchange, as our own wish.</summary>
    public void Cancel() => _source.Cancel();

    /// <summary>Ends the exchange: whoever waits in it gets the exception.</summary>
    public void End(Exception cause)
    {
        _ended = cause;
        _source.Cancel();
    }

    /// <summary>A message has begun to arrive, and its rest is waited for; it may be told again. On a reused stream, the next exchange begins.</summary>
    public void StartReading()
    {
        EndPause();
        if (Limits.Read is not null && !_times.IsReading)
        {
            _times.StartReading(_time.GetTimestamp());
            Schedule();
        }
    }

    /// <summary>It is there, or nobody waits for it any more: then its time stands still, and the time between messages goes on.</summary>
    public void StopReading()
    {
        if (_times.IsReading)
        {
            _times.StopReading(_time.GetTimestamp());
            Schedule();
        }
    }

    /// <summary>A message arrived.</summary>
    public void Received(long bytes)
    {
        _times.Received(_time.GetTimestamp());
        Meter?.Received(bytes);
        if (_info is not null)
        {
            _info.BytesReceived += bytes;
            _info.RoundTrip ??= _firstSent is { } sent ? _time.GetElapsedTime(sent) : null;
        }
    }

    /// <summary>A message goes out.</summary>
    public void Sent(long bytes)
    {
        Touch();
        Meter?.Sent(bytes);
        if (_info is not null)
        {
            _info.BytesSent += bytes;
            _firstSent ??= _time.GetTimestamp();
        }
    }

    /// <summary>Something passed: the time without a message begins anew.</summary>
    public void Touch() => _times.Touch(_time.GetTimestamp());

    /// <summary>On a reused stream, the exchange is over and the next one has not begun: only the idle time runs, and its end is no failure.</summary>
    public void BeginPause()
    {
        _times.BeginPause(_time.GetTimestamp());
        _stream?.IsBetweenExchanges = true;
        Meter?.End(null); // whoever sees it counted finds the stream idle
        Schedule();
    }

    /// <summary>On a reused stream, the next exchange begins with its full time: the first byte of its request is here. Idempotent.</summary>
    public void EndPause()
    {
        if (_times.IsPaused)
        {
            _times.EndPause(_time.GetTimestamp());
            _stream?.IsBetweenExchanges = false;
            Meter?.Begin();
            Schedule();
        }
    }

    /// <summary>A token for one wait: the exchange's, and the caller's if it is another.</summary>
    public JoinedToken Join(CancellationToken cancellationToken) => new(Token, cancellationToken == _outer ? default : cancellationToken);

    /// <summary>Turns a cancellation into what caused it: a time that is over, a stream that is gone, the caller.</summary>
    public bool TryExplain(Exception thrown, [NotNullWhen(true)] out Exception? explained)
    {
        explained = null;
        if (_over is { } over)
        {
            explained = thrown is DeadlineExceededException ? null : new DeadlineExceededException($"{_subject}: {over}", thrown);
        }
        else if (thrown is OperationCanceledException or StreamResetException { Reason.By: not EndedBy.Remote } && _ended is { } ended)
        {
            explained = ended;
        }
        else if (thrown is OperationCanceledException && _outer.IsCancellationRequested)
        {
            explained = new OperationCanceledException($"{_subject}: cancelled by the caller", thrown, _outer);
        }
        else if (thrown is OperationCanceledException && _stream is { Aborted.IsCancellationRequested: true, End: { } end })
        {
            explained = end.Cause as ProtocolNotSupportedException as Exception ?? new StreamResetException($"{_subject}: {end.Reason}", end);
        }

        if ((explained ?? thrown) is StreamResetException { Reason: { By: EndedBy.Remote } reason } reset)
        {
            _info?.RemoteCode = reason.Code;
            explained = ResetCode.ToException(ResetCodes, _subject, reset) ?? explained;
        }

        return explained is not null;
    }

    /// <summary>Whether the remote failed the exchange with a declared code: its handler has answered.</summary>
    public bool IsAnswer(Exception thrown) =>
        thrown is StreamResetException { Reason: { By: EndedBy.Remote } reason } && ResetCode.IsDeclared(ResetCodes, reason.Code);

    /// <summary>The reason a stream is reset with after this exception.</summary>
    public EndReason ReasonFor(Exception thrown) => thrown switch
    {
        OperationCanceledException when _outer.IsCancellationRequested => new EndReason(EndedBy.Caller, ErrorCode.None, "Cancelled by the caller"),
        DeadlineExceededException or LimitExceededException or ProtocolViolationException => ((Libp2pException)thrown).Reason,
        _ => new EndReason(EndedBy.Local, ErrorCode.None, thrown.Message, thrown),
    };

    /// <summary>The call failed with this: what its caller is told, and the telemetry.</summary>
    public void Fail(Exception cause) => _failure = cause;

    /// <summary>The call ended as it should, or failed with what was told: how its stream ends from now on says nothing of it.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>Stops the clock.</summary>
    public void Dispose()
    {
        if (EndsMeter)
        {
            Meter?.End(_failure ?? (_isSettled ? null : Failure()));
        }

        _outerEnds.Unregister();
        _streamEnds.Unregister();
        ITimer? timer;
        lock (_gate)
        {
            _isDisposed = true;
            (timer, _timer) = (_timer, null);
        }

        timer?.Dispose();
    }

    /// <summary>What ended a call that told nobody: an opened dialogue or writer.</summary>
    private Exception? Failure() => _ended
        ?? (_over is { } over ? new DeadlineExceededException($"{_subject}: {over}")
            : _stream is { End: { IsClean: false } end } ? new StreamResetException($"{_subject}: {end.Reason}", end)
            : null);

    private void StartClock()
    {
        lock (_gate)
        {
            if (_timer is null && !_isDisposed && (_total ?? Limits.Read ?? Limits.Idle) is not null)
            {
                _timer = _time.CreateTimer(static state => ((Exchange)state!).OnTimer(), this);
            }
        }

        Schedule();
    }

    /// <summary>Makes sure that the timer comes in time for the nearest end; it may come too early and look again.</summary>
    private void Schedule()
    {
        lock (_gate)
        {
            if (_timer is not null && _times.Next(Limits, _total) is { } end && end.At < _timerDue)
            {
                SetTimer(end);
            }
        }
    }

    private void SetTimer(DueTime end)
    {
        _timerDue = end.At;
        _timer?.Change(_time.WaitUntil(end.At), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        EndReason reason;
        bool isPaused;
        lock (_gate)
        {
            if (_isDisposed || _over is not null || _stream is { IsDetached: true })
            {
                return;
            }

            _timerDue = Timestamps.Never;
            if (_times.Next(Limits, _total) is not { } end)
            {
                return;
            }

            if (end.At > _time.GetTimestamp())
            {
                SetTimer(end);
                return;
            }

            isPaused = _times.IsPaused;
            _over = end.ToString();
            reason = new EndReason(EndedBy.Limit, ErrorCode.None, $"{_subject}: {_over}");
        }

        _source.Cancel();
        if (!isPaused)
        {
            _stream?.Reset(reason);
        }
    }
}
