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

    public YamuxConnection(IByteLink link, MuxerContext context, YamuxOptions options, ILogger logger)
    {
        _link = link;
        _logger = logger;
        Options = options;
        Time = context.Seams.Time;
        Scheduler = context.Seams.Scheduler;
        Memory = new MemoryAccount(context.Scope, options.MaxWindowGrowth, options.MaxQueued);
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
    public bool TakesStreams
    {
        get
        {
            lock (_gate)
            {
                return (_end ?? _goingAway) is null && _table.NextId <= uint.MaxValue;
            }
        }
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
            isRefused = !_table.AskToAdmit(streamId) || _accepting.Count >= Options.AcceptQueue || IsCongested;
            if (_end is not null)
            {
                isRefused = false; // it will hear that the session ends
                return null;
            }

            if (!isRefused)
            {
                stream = new YamuxStream(this, streamId, Direction.Inbound);
                _table.Add(stream);
                Memory.KeepSpare(true);
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

    // The remote reads nothing, and streams that are over pile up before the writer: each can wait twice.
    private bool IsCongested => Outbox.Waiting > 2L * ((long)Options.MaxInboundStreams + Options.MaxOutboundStreams);

    /// <summary>The stream with the number, or null when it is not open.</summary>
    public YamuxStream? Find(uint streamId)
    {
        lock (_gate)
        {
            return _table.TryGet(streamId, out YamuxStream? stream) ? stream : null;
        }
    }

    /// <summary>A stream is over.</summary>
    public void Leave(YamuxStream stream, int growth)
    {
        if (growth > 0)
        {
            Memory.ReturnGrowth(growth);
        }

        EndReason? end = null;
        bool isIdle = false;
        lock (_gate)
        {
            if (_end is null && _table.Remove(stream))
            {
                stream.IsOut = true;
                StreamList.Remove(stream);
                isIdle = _table.Count == 0;
                Memory.KeepSpare(!isIdle);
                end = isIdle ? _goingAway : null;
            }
        }

        if (isIdle)
        {
            Memory.Trim();
        }

        if (end is not null)
        {
            End(end, Farewell.AfterData); // the remote is only waiting for this
        }
    }

    /// <summary>What it looks like now. Cheap: it copies numbers, and stops nobody for long.</summary>
    public YamuxSnapshot Snapshot()
    {
        YamuxStream[] streams;
        YamuxSnapshot session;
        lock (_gate)
        {
            streams = [.. _table.Streams];
            session = new YamuxSnapshot(
                _end,
                _goingAway,
                _roundTrip == 0 ? null : Time.GetElapsedTime(0, _roundTrip),
                _table.Inbound,
                _table.Outbound,
                _table.Unacknowledged,
                _opening.Count,
                _accepting.Count,
                _lingering.Count,
                Memory.Used,
                Segments.Rented,
                []);
        }

        return session with { Streams = [.. streams.Select(stream => stream.Snapshot()).OrderBy(stream => stream.Id)] };
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
}
