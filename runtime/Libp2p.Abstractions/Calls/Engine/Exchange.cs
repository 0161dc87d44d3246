using System.Diagnostics.CodeAnalysis;
using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>
/// The clock and the token of one exchange: its time as a whole, the time of each read, the time without a message. The token is
/// cancelled when one of them is over, when the caller gives up and when the stream is gone; <see cref="TryExplain(Exception, out Exception?)"/> then tells
/// which it was.
/// </summary>
/// <remarks>One timer and one token source for the life of the exchange: a message costs a timestamp, not a timer.</remarks>
internal sealed partial class Exchange : IStreamUser, IDisposable
{
    private const string Whole = "the exchange";
    private const string Opening = "opening the stream";
    private const int ByItself = 1; // whose word ended it: its time or its caller reset the stream,
    private const int ByItsEnd = 2; // or it ended in order, and the stream is another exchange's

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new(); // has neither timer nor links of its own, so nothing to dispose of
    private readonly TimeProvider _time;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenRegistration _outerEnds;
    private readonly CancellationToken _second;
    private readonly CancellationTokenRegistration _secondEnds;
    private readonly CallInfo? _info;
    private CancellationTokenRegistration _streamEnds;
    private TimeSpan? _total;
    private string _whole = Whole;
    private ITimer? _timer;
    private P2PStream? _stream;
    private readonly string _subject;
    private ExchangeTimes _times;
    private long? _firstSent;
    private long _timerDue = Timestamps.Never;
    private string? _over; // which time is over
    private Exception? _ended; // what ended it that is neither its time nor its tokens
    private bool _isDisposed;
    private bool _isSettled;
    private Exception? _failure; // what the call failed with, as its caller sees it
    private Exception? _named; // what was explained last, which need not be explained again
    private int _endedBy;

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
        _outerEnds = outer.UnsafeRegister(static state => ((Exchange)state!).OnGivenUp(), this);
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

    /// <summary>The operation, or the id of an inbound stream.</summary>
    public string Name => _subject;

    /// <summary>Whether we are the initiator: the caller's token then resets the stream at once, whatever is being waited for.</summary>
    public bool IsCall { get; init; }

    /// <summary>Initiator: where the node's continuations run; null: where the caller is.</summary>
    public NodeScheduler? Scheduler { get; init; }

    /// <summary>
    /// Whether the caller's token resets the stream by itself. Otherwise who joined it to another stream does, with the code that goes on.
    /// </summary>
    public bool ResetsWhenGivenUp { get; init; } = true;

    /// <summary>Initiator: the first of the ids it offers.</summary>
    public ProtocolId? Offered { get; init; }

    /// <summary>Initiator: a second token of the caller's, of its enumeration.</summary>
    public CancellationToken Second
    {
        init
        {
            _second = value == _outer ? default : value;
            _secondEnds = _second.UnsafeRegister(static state => ((Exchange)state!).OnGivenUp(), this);
        }
    }

    /// <summary>Initiator: whom the stream leads to, as far as that is known before there is one.</summary>
    public PeerId? Peer { get; init; }

    /// <summary>Messages that the stream took.</summary>
    public long MessagesSent { get; private set; }

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
        Inbound(stream, settings.Limits, cancellationToken, settings.Meter);

    /// <summary>The clock of an inbound stream that may be for one of several operations, started.</summary>
    public static Exchange Inbound(P2PStream stream, OperationLimits limits, CancellationToken cancellationToken, CallMeter? meter = null)
    {
        Exchange exchange = new(stream.Protocol.Value, limits, limits.Exchange, stream.Time, cancellationToken) { Meter = meter };
        exchange.Attach(stream);
        stream.Use(exchange);
        return exchange;
    }

    /// <summary>It has become clear, or unclear again, which operation runs: other bounds are in force. The clock goes on.</summary>
    public void Rebound(OperationLimits limits)
    {
        if (Limits.Idle is null && limits.Idle is not null)
        {
            _times.Touch(_time.GetTimestamp());
        }

        Limits = limits;
        SetTotal(limits.Exchange, Whole);
        StartClock();
    }

    /// <summary>The opening of the stream has this time, where the exchange as a whole has none.</summary>
    public void BoundOpening(TimeSpan time)
    {
        _times.Restart(_time.GetTimestamp());
        SetTotal(time, Opening);
        StartClock();
    }

    /// <summary>The stream is open: its time as a whole does not run any more, if it was that of the opening.</summary>
    public void EndOpening()
    {
        if (ReferenceEquals(_whole, Opening))
        {
            SetTotal(null, Whole);
        }
    }

    /// <summary>The call is over and its stream is the application's: its idle time goes on, and the caller's token goes on to reset it.</summary>
    public void GoOnAsRaw()
    {
        EndMeter();
        SetTotal(null, Whole);
        _streamEnds.Unregister();
    }

    /// <summary>From now on the stream's end is the exchange's, and the exchange's time the stream's.</summary>
    /// <param name="stream">What carries it.</param>
    /// <param name="endsWithStream">Whether the stream's abort cancels the token.</param>
    public void Attach(P2PStream stream, bool endsWithStream = true)
    {
        _stream = stream;
        if (IsCall && ResetsWhenGivenUp && (_outer.CanBeCanceled || _second.CanBeCanceled))
        {
            Interlocked.MemoryBarrier(); // a cancellation that did not see the stream is seen here
            if (IsGivenUp)
            {
                ResetGivenUp();
            }
        }

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

    /// <summary>Leaves the caller's context for the node's scheduler: what is called from outside begins with it.</summary>
    public NodeScheduler.Entry Enter() => new(Scheduler ?? _stream?.Scheduler);

    /// <summary>Ends the exchange, as our own wish.</summary>
    public void Cancel() => _source.Cancel();

    /// <summary>Ends the exchange: whoever waits in it gets the exception.</summary>
    public void End(Exception cause)
    {
        _ended = cause;
        _source.Cancel();
    }

    /// <summary>
    /// What a handler reads or writes has failed. Where its stream is gone the handler's token is cancelled before it sees the failure: what
    /// it registered on the token is called, however it leaves.
    /// </summary>
    public void OnHandlersFailure(Exception thrown)
    {
        if (!IsCall && thrown is (StreamResetException or ConnectionClosedException))
        {
            End(thrown);
        }
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
        _times.Received();
        Touch();
        Meter?.Received(bytes);
        if (_info is not null)
        {
            _info.MessagesReceived++;
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

    /// <summary>The stream took messages to send them.</summary>
    public void Taken(int messages)
    {
        MessagesSent += messages;
        _info?.MessagesSent += messages;
    }

    /// <summary>Something passed: the time without a message begins anew.</summary>
    public void Touch()
    {
        if (Limits.Idle is not null)
        {
            _times.Touch(_time.GetTimestamp());
        }
    }

    void IStreamUser.OnPassed() => Touch();

    bool IStreamUser.TryExplainGivenUp(Exception thrown, [NotNullWhen(true)] out Exception? explained)
    {
        explained = null;
        return ResetsWhenGivenUp && TryExplainGivenUp(thrown, out explained); // otherwise the one who joined it to another stream tells
    }

    /// <inheritdoc/>
    public bool IsBetweenExchanges => _times.IsPaused;

    /// <summary>On a reused stream, the exchange is over and the next one has not begun: only the idle time runs, and its end is no failure.</summary>
    public void BeginPause()
    {
        _times.BeginPause(_time.GetTimestamp());
        Meter?.End(null); // whoever sees it counted finds the stream idle
        Schedule();
    }

    /// <summary>On a reused stream, the next exchange begins with its full time: the first byte of its request is here. Idempotent.</summary>
    public void EndPause()
    {
        if (_times.IsPaused)
        {
            _times.EndPause(_time.GetTimestamp());
            Meter?.Begin();
            Schedule();
        }
    }

    /// <summary>A token for one wait: the exchange's, and the caller's if it is another.</summary>
    public JoinedToken Join(CancellationToken cancellationToken) =>
        new(Token, cancellationToken == _outer || cancellationToken == _second ? default : cancellationToken);

    /// <summary>The exchange has ended in order, and its stream is the next one's: neither its time nor its caller reset it from now on.</summary>
    /// <returns>False where one of them has done so, or is doing it.</returns>
    public bool TryRelease() => Interlocked.CompareExchange(ref _endedBy, ByItsEnd, 0) == 0;

    /// <summary>The call failed with this: what its caller is told, and the telemetry.</summary>
    public void Fail(Exception cause) => _failure = cause;

    /// <summary>The call ended as it should, or failed with what was told: how its stream ends from now on says nothing of it.</summary>
    public void Settle() => _isSettled = true;

    /// <summary>Stops the clock.</summary>
    public void Dispose()
    {
        EndMeter();
        _outerEnds.Unregister();
        _secondEnds.Unregister();
        _streamEnds.Unregister();
        ITimer? timer;
        lock (_gate)
        {
            _isDisposed = true;
            (timer, _timer) = (_timer, null);
        }

        timer?.Dispose();
    }

    private void EndMeter()
    {
        if (EndsMeter)
        {
            Meter?.End(_failure ?? (_isSettled ? null : Failure()));
        }
    }

    /// <summary>What ended a call that told nobody: an opened dialogue or writer.</summary>
    private Exception? Failure() => _ended
        ?? (_over is { } over ? new DeadlineExceededException($"{Subject}: {over}")
            : _stream is { End: { IsClean: false } end } ? new StreamResetException($"{Subject}: {end.Reason}", end)
            : null);

    private void OnGivenUp()
    {
        if (IsCall && ResetsWhenGivenUp)
        {
            ResetGivenUp();
        }

        _source.Cancel();
    }

    private void ResetGivenUp() => Reset(ResetReason.GivenUp);

    private void Reset(EndReason reason)
    {
        if (_stream is { IsDetached: false } stream && Interlocked.CompareExchange(ref _endedBy, ByItself, 0) != ByItsEnd)
        {
            stream.Reset(reason);
        }
    }
}
