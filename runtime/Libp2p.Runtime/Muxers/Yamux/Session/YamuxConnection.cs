using Libp2p.Connections;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// A Yamux session over a byte link. Two loops: one reads frames and never waits for an application, one writes what waits in the
/// <see cref="Yamux.Outbox"/>. Opening, accepting and ending are here; the loops, the timer and the end have their own parts.
/// </summary>
/// <remarks>Locks are taken in the order stream, session, outbox or memory; none is held while code of an application runs.</remarks>
internal sealed partial class YamuxConnection : IMuxedConnection
{
    private readonly Lock _gate = new();
    private readonly IByteLink _link;
    private readonly ILogger _logger;
    private readonly StreamTable _table;
    private readonly StreamList _accepting = new();
    private readonly StreamList _lingering = new();
    private readonly StreamList _stuck = new();
    private readonly LinkedList<TaskCompletionSource> _opening = new();
    private TaskCompletionSource? _acceptor;

    public YamuxConnection(IByteLink link, MuxerContext context, YamuxOptions options, ILogger logger)
    {
        _link = link;
        _logger = logger;
        Options = options;
        Time = context.Seams.Time;
        Scheduler = context.Seams.Scheduler;
        Memory = new MemoryAccount(context.Scope, options.MaxWindowGrowth);
        Segments = new SegmentPool(Memory);
        _table = new StreamTable(context.Role, options);
        _heartbeat = new Heartbeat(Ticks(options.KeepAliveInterval), Ticks(options.KeepAliveTimeout), Time.GetTimestamp());

        // The session outlives its maker's activity and other ambient values.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = Time.CreateTimer(static self => ((YamuxConnection)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Completion = RunAsync();
        }
    }

    /// <summary>The bounds.</summary>
    public YamuxOptions Options { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>Where everything runs.</summary>
    public NodeScheduler Scheduler { get; }

    /// <summary>The memory that the remote made grow.</summary>
    public MemoryAccount Memory { get; }

    /// <summary>Segments for the streams.</summary>
    public SegmentPool Segments { get; }

    /// <summary>What waits to be written.</summary>
    public Outbox Outbox { get; } = new();

    /// <inheritdoc/>
    public MuxerCapabilities Capabilities => MuxerCapabilities.HalfClose | MuxerCapabilities.ResetCodes;

    /// <inheritdoc/>
    public Multiaddress LocalAddress => _link.LocalAddress;

    /// <inheritdoc/>
    public Multiaddress RemoteAddress => _link.RemoteAddress;

    /// <inheritdoc/>
    public bool IsRelayed => _link.IsRelayed;

    public ConnectionLimit? Limit => _link.Limit;

    /// <inheritdoc/>
    public Task<EndReason> Completion { get; }

    /// <inheritdoc/>
    public int StreamCount
    {
        get
        {
            lock (_gate)
            {
                return _end is null ? _table.Count : 0;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream>(cancellationToken);
        }

        return TryOpen(out YamuxStream? stream, out TaskCompletionSource? turn)
            ? new ValueTask<IMuxedStream>(stream!)
            : WaitToOpenAsync(turn!, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream?>(cancellationToken);
        }

        return TryAccept(out YamuxStream? stream, out TaskCompletionSource? turn)
            ? new ValueTask<IMuxedStream?>(stream)
            : WaitToAcceptAsync(turn!, cancellationToken);
    }

    /// <summary>The remote opens a stream; null when it is not taken up.</summary>
    /// <exception cref="ProtocolViolationException">It must not open this one.</exception>
    public YamuxStream? Admit(uint streamId, out bool isRefused)
    {
        YamuxStream? stream = null;
        TaskCompletionSource? acceptor;
        isRefused = false;
        lock (_gate)
        {
            isRefused = !_table.AskToAdmit(streamId) || _accepting.Count >= Options.AcceptQueue;
            if (_end is not null)
            {
                isRefused = false; // it will hear that the session ends
                return null;
            }

            if (!isRefused)
            {
                stream = new YamuxStream(this, streamId, Direction.Inbound);
                _table.Add(stream);
                _accepting.Add(stream);
            }

            acceptor = _acceptor;
            _acceptor = isRefused ? acceptor : null;
        }

        if (!isRefused)
        {
            acceptor?.TrySetResult();
            return stream;
        }

        Refuse(streamId);
        return null;
    }

    /// <summary>The stream with the number, or null when it is not open.</summary>
    public YamuxStream? Find(uint streamId)
    {
        lock (_gate)
        {
            return _table.TryGet(streamId, out YamuxStream? stream) ? stream : null;
        }
    }

    /// <summary>The remote acknowledged one of our streams, or it is over: another may be opened.</summary>
    public void OnAcknowledged()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            _table.Acknowledge();
            next = TakeTurn();
        }

        next?.TrySetResult();
    }

    /// <summary>A stream is over.</summary>
    public void Leave(YamuxStream stream, int growth)
    {
        if (growth > 0)
        {
            Memory.ReturnGrowth(growth);
        }

        EndReason? end = null;
        lock (_gate)
        {
            if (_end is null && _table.Remove(stream))
            {
                stream.IsOut = true;
                StreamList.Remove(stream);
                end = _table.Count == 0 ? _goingAway : null;
            }
        }

        if (end is not null)
        {
            End(end, Farewell.AfterData); // the remote is only waiting for this
        }
    }

    private void Refuse(uint streamId)
    {
        YamuxLog.StreamRefused(_logger, RemoteAddress, streamId);
        if (!Outbox.TryAddRefusal(streamId, ErrorCode.ResourceLimitExceeded, out bool wake))
        {
            Violation.TooManyRefusals(Outbox.MaxRefusals);
        }

        if (wake)
        {
            Outbox.Wake();
        }
    }

    private bool TryOpen(out YamuxStream? stream, out TaskCompletionSource? turn, bool hasTurn = false)
    {
        stream = null;
        turn = null;
        bool wake;
        lock (_gate)
        {
            ThrowIfClosed();
            OpenAnswer answer = _table.AskToOpen();
            if (answer == OpenAnswer.Yes && _opening.Count > 0 && !hasTurn)
            {
                answer = OpenAnswer.Wait; // others came first
            }

            switch (answer)
            {
                case OpenAnswer.Yes:
                    stream = new YamuxStream(this, _table.TakeId(), Direction.Outbound);
                    _table.Add(stream);
                    wake = Outbox.AddControl(stream); // here, so that SYNs leave in the order of their numbers
                    break;
                case OpenAnswer.Wait:
                    turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (hasTurn)
                    {
                        _opening.AddFirst(turn);
                    }
                    else
                    {
                        _opening.AddLast(turn);
                    }

                    return false;
                case OpenAnswer.TooMany:
                    throw new LimitExceededException($"{_table.Outbound} streams of ours are open on the connection to {RemoteAddress}");
                default:
                    throw new ConnectionClosedException(
                        $"The connection to {RemoteAddress} has used up its stream numbers",
                        new EndReason(EndedBy.Limit, ErrorCode.None, "The stream numbers are used up"));
            }
        }

        if (wake)
        {
            Outbox.Wake();
        }

        return true;
    }

    private async ValueTask<IMuxedStream> WaitToOpenAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        while (true)
        {
            try
            {
                await turn.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                PassTurn(turn);
                throw;
            }

            if (TryOpen(out YamuxStream? stream, out TaskCompletionSource? next, hasTurn: true))
            {
                return stream!;
            }

            turn = next!;
        }
    }

    private void PassTurn(TaskCompletionSource turn)
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            next = _opening.Remove(turn) ? null : TakeTurn();
        }

        next?.TrySetResult();
    }

    private TaskCompletionSource? TakeTurn()
    {
        TaskCompletionSource? turn = _opening.First?.Value;
        if (turn is not null)
        {
            _opening.RemoveFirst();
        }

        return turn;
    }

    private bool TryAccept(out YamuxStream? stream, out TaskCompletionSource? turn)
    {
        turn = null;
        lock (_gate)
        {
            stream = null;
            if (_end is not null)
            {
                return true;
            }

            stream = _accepting.TakeFirst();
            if (stream is null)
            {
                if (_acceptor is not null)
                {
                    throw new InvalidOperationException("Somebody is accepting already.");
                }

                turn = _acceptor = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return false;
            }
        }

        stream.Accept();
        return true;
    }

    private async ValueTask<IMuxedStream?> WaitToAcceptAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        while (true)
        {
            try
            {
                await turn.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.CompareExchange(ref _acceptor, null, turn);
                throw;
            }

            if (TryAccept(out YamuxStream? stream, out TaskCompletionSource? next))
            {
                return stream;
            }

            turn = next!;
        }
    }

    private void ThrowIfClosed()
    {
        if ((_end ?? _goingAway) is { } reason)
        {
            throw new ConnectionClosedException($"The connection to {RemoteAddress} is closed: {reason}", reason);
        }
    }
}
