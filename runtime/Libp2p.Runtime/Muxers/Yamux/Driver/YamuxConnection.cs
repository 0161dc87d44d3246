using Libp2p.Connections;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Drives a <see cref="YamuxSession"/> over a byte link. It decides nothing of the protocol: it takes the lock, moves bytes, waits, and
/// carries out the session's effects. Its parts: what it is (here), effects, opening and accepting, the two loops, the end, its state.
/// </summary>
/// <remarks>
/// <see cref="Gate"/> guards the session and all of its streams; below it are only the locks of the memory account and the segment pool.
/// Under it no code of an application or a link runs, and no body is copied.
/// </remarks>
internal sealed partial class YamuxConnection : IMuxedConnection
{
    private readonly IByteLink _link;
    private readonly ILogger _logger;
    private readonly YamuxSession _session;

    public YamuxConnection(IByteLink link, MuxerContext context, YamuxOptions options, ILogger logger)
    {
        _link = link;
        _logger = logger;
        Time = context.Seams.Time;
        Scheduler = context.Seams.Scheduler;
        Memory = new MemoryAccount(context.Scope, options.MaxWindowGrowth, options.MaxQueued);
        Segments = new SegmentPool(Memory);
        _session = new YamuxSession(
            context.Role, options, Time.TimestampFrequency, Now, (streamId, direction) => new YamuxStream(this, _session!, streamId, direction));
        _acceptor = new StreamAcceptor(this, _session);

        // The session outlives its maker's activity and other ambient values.
        using (ExecutionContext.SuppressFlow())
        {
            _timer = Time.CreateTimer(static self => ((YamuxConnection)self!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Completion = RunAsync();
        }
    }

    /// <summary>Guards the session and its streams.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>The time.</summary>
    public long Now => Time.GetTimestamp();

    /// <summary>Where everything runs.</summary>
    public NodeScheduler Scheduler { get; }

    /// <summary>The bounds.</summary>
    public YamuxOptions Options => _session.Options;

    /// <summary>The memory that the remote made grow.</summary>
    public MemoryAccount Memory { get; }

    /// <summary>Segments for the streams.</summary>
    public SegmentPool Segments { get; }

    /// <inheritdoc/>
    public MuxerCapabilities Capabilities => MuxerCapabilities.HalfClose | MuxerCapabilities.ResetCodes;

    /// <inheritdoc/>
    public Multiaddress LocalAddress => _link.LocalAddress;

    /// <inheritdoc/>
    public Multiaddress RemoteAddress => _link.RemoteAddress;

    /// <inheritdoc/>
    public bool IsRelayed => _link.IsRelayed;

    /// <inheritdoc/>
    public ConnectionLimit? Limit => _link.Limit;

    /// <inheritdoc/>
    public Task<EndReason> Completion { get; }

    /// <inheritdoc/>
    public int StreamCount
    {
        get
        {
            lock (Gate)
            {
                return _session.StreamCount;
            }
        }
    }

    /// <inheritdoc/>
    public bool TakesStreams
    {
        get
        {
            lock (Gate)
            {
                return _session.TakesStreams;
            }
        }
    }

    private async Task<EndReason> RunAsync()
    {
        if (Scheduler.IsCurrent)
        {
            await Task.Yield(); // nothing of the session runs on its maker's stack
        }

        await Scheduler.Enter();
        lock (Gate)
        {
            SetTimer();
        }

        YamuxLog.Started(_logger, RemoteAddress);
        Task writing = WriteAsync();
        await ReadAsync();
        await writing;
        return await FinishAsync();
    }
}
