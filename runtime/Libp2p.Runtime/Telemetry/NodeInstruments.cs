using System.Diagnostics;
using System.Diagnostics.Metrics;
using Libp2p.Connections;
using Libp2p.Limits;

namespace Libp2p.Telemetry;

/// <summary>
/// What the runtime of one node counts and traces, by the names of docs/telemetry.md. Costs the test of a flag where nobody listens, and
/// nothing at all for bytes and for what is open now: those are asked for. Tags have few values, and never a peer.
/// </summary>
internal sealed class NodeInstruments : IDisposable
{
    private readonly NodeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ActivitySource? _owned;
    private readonly TransportBytes _bytes = new();
    private readonly Counter<long>? _connectionsOpened;
    private readonly Counter<long>? _connectionsClosed;
    private readonly Counter<long>? _streamsOpened;
    private readonly Counter<long>? _streamsRefused;
    private readonly Counter<long>? _negotiationsFailed;
    private readonly Counter<long>? _leasesRefused;
    private readonly Histogram<double>? _handshakes;
    private readonly Histogram<double>? _dials;
    private volatile ResourceManager? _observed;

    /// <summary>The instruments of a node.</summary>
    /// <param name="telemetry">Meter and activities.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="owned">An activity source that ends with the node.</param>
    public NodeInstruments(NodeTelemetry telemetry, TimeProvider time, ActivitySource? owned = null)
    {
        _telemetry = telemetry;
        _time = time;
        _owned = owned;
        if (telemetry.Meter is not { } meter)
        {
            return;
        }

        _connectionsOpened = meter.CreateCounter<long>("libp2p.connection.opened", "{connection}", "Connections that became ready for streams");
        _connectionsClosed = meter.CreateCounter<long>("libp2p.connection.closed", "{connection}", "Connections that ended");
        _handshakes = meter.CreateHistogram<double>("libp2p.handshake.duration", "s", "Time to secure and mux a connection, failed ones too");
        _dials = meter.CreateHistogram<double>("libp2p.dial.duration", "s", "Time of a dial with all its addresses, failed ones too");
        _streamsOpened = meter.CreateCounter<long>("libp2p.stream.opened", "{stream}", "Streams with an agreed protocol");
        _streamsRefused = meter.CreateCounter<long>("libp2p.stream.refused", "{stream}", "Inbound streams that no handler got");
        _negotiationsFailed = meter.CreateCounter<long>("libp2p.negotiation.failed", "{stream}", "Streams without an agreement on a protocol");
        _leasesRefused = meter.CreateCounter<long>("libp2p.lease.refused", "{lease}", "What the node's ceilings refused");
        meter.CreateObservableUpDownCounter("libp2p.connection.active", Connections, "{connection}", "Connections, those in the making included");
        meter.CreateObservableUpDownCounter("libp2p.stream.active", Streams, "{stream}", "Streams, those in negotiation included");
        meter.CreateObservableUpDownCounter("libp2p.memory.active", Memory, "By", "Bytes taken of the node's memory ceiling");
        meter.CreateObservableCounter("libp2p.transport.io", Bytes, "By", "Bytes between muxers and links, before encryption");
    }

    /// <summary>Whether anybody wants to know of upgrades.</summary>
    public bool WatchesUpgrades => _handshakes is { Enabled: true } || _telemetry.Activities?.HasListeners() == true;

    private bool WatchesDials => _dials is { Enabled: true } || _telemetry.Activities?.HasListeners() == true;

    /// <summary>Says where what is open now is to be asked for.</summary>
    public void Observe(ResourceManager limits) => _observed = limits;

    public void ConnectionOpened(IMeteredConnection connection)
    {
        if (_telemetry.Meter is not null)
        {
            _bytes.Watch(connection);
        }

        if (_connectionsOpened is { Enabled: true })
        {
            _connectionsOpened.Add(
                1,
                Tag("direction", Word(connection.Direction)),
                Tag("transport", TransportBytes.NameOf(connection)),
                Tag("security", connection.Security?.Value ?? "transport"),
                Tag("muxer", connection.Muxer?.Value ?? "transport"));
        }
    }

    public void ConnectionClosed(IMeteredConnection connection, EndReason reason)
    {
        if (_telemetry.Meter is not null)
        {
            _bytes.Keep(connection);
        }

        _connectionsClosed?.Add(1, Tag("direction", Word(connection.Direction)), Tag("by", Word(reason.By)));
    }

    public void StreamOpened(Direction direction, string protocol) =>
        _streamsOpened?.Add(1, Tag("direction", Word(direction)), Tag("protocol", protocol));

    public void StreamRefused(Exception cause) => _streamsRefused?.Add(1, Tag("error.type", NameOf(cause)));

    public void NegotiationFailed(Direction direction, Exception cause) => NegotiationFailed(direction, NameOf(cause));

    public void NegotiationFailed(Direction direction, string cause) =>
        _negotiationsFailed?.Add(1, Tag("direction", Word(direction)), Tag("error.type", cause));

    public void LeaseRefused(string bound) => _leasesRefused?.Add(1, Tag("bound", bound));

    /// <summary>Runs an upgrade, and tells of it.</summary>
    /// <param name="role">Ours.</param>
    /// <param name="upgrade">The upgrade.</param>
    /// <param name="stageOf">The step that an exception ended, where the exception says it.</param>
    public async ValueTask<UpgradedConnection> UpgradeAsync(
        ConnectionRole role, Func<ValueTask<UpgradedConnection>> upgrade, Func<Exception, DialStage?> stageOf)
    {
        long started = _time.GetTimestamp();
        using Activity? activity = Start("upgrade", role == ConnectionRole.Initiator ? ActivityKind.Client : ActivityKind.Server);
        try
        {
            UpgradedConnection upgraded = await upgrade();
            string security = upgraded.Security.Protocol?.Value ?? "transport";
            _handshakes?.Record(Seconds(started), Tag("role", Word(role)), Tag("security", security), Tag("muxer", upgraded.Muxer?.Value ?? "transport"));
            activity?.SetTag("security", security).SetTag("muxer", upgraded.Muxer?.Value).SetTag("peer", upgraded.Security.RemotePeer.ToString());
            return upgraded;
        }
        catch (Exception e)
        {
            string stage = Word(stageOf(e) ?? DialStage.Security);
            _handshakes?.Record(Seconds(started), Tag("role", Word(role)), Tag("stage", stage), Tag("error.type", NameOf(e)));
            Fail(activity?.SetTag("stage", stage), e);
            throw;
        }
        finally
        {
            activity?.SetEndTime(_time.GetUtcNow().UtcDateTime);
        }
    }

    /// <summary>Runs a dial, and tells of it.</summary>
    public Task<T> DialAsync<T>(PeerId? peer, Func<Task<T>> dial)
        where T : IPeerConnection => WatchesDials ? WatchAsync(peer, dial) : dial();

    /// <summary>Ends what the node owns, and forgets what was to be observed: the meter may outlive the node.</summary>
    public void Dispose()
    {
        _observed = null;
        _owned?.Dispose();
    }

    private async Task<T> WatchAsync<T>(PeerId? peer, Func<Task<T>> dial)
        where T : IPeerConnection
    {
        long started = _time.GetTimestamp();
        using Activity? activity = Start("dial", ActivityKind.Client)?.SetTag("peer", peer?.ToString());
        try
        {
            T connection = await dial();
            _dials?.Record(Seconds(started), Tag("transport", TransportBytes.NameOf(connection)));
            activity?.SetTag("address", connection.RemoteAddress.ToString());
            return connection;
        }
        catch (Exception e)
        {
            _dials?.Record(Seconds(started), Tag("error.type", NameOf(e)));
            Fail(activity, e);
            throw;
        }
        finally
        {
            activity?.SetEndTime(_time.GetUtcNow().UtcDateTime);
        }
    }

    private Activity? Start(string name, ActivityKind kind) => _telemetry.Activities?.HasListeners() == true
        ? _telemetry.Activities.StartActivity(name, kind, default(ActivityContext), startTime: _time.GetUtcNow())
        : null;

    private static void Fail(Activity? activity, Exception cause) =>
        activity?.SetStatus(ActivityStatusCode.Error, cause.Message).SetTag("error.type", NameOf(cause));

    private IEnumerable<Measurement<long>> Connections() => _observed is not { Usage: { } usage } ? [] :
    [
        new(usage.InboundConnections, Tag("direction", "inbound")),
        new(usage.OutboundConnections, Tag("direction", "outbound")),
    ];

    private IEnumerable<Measurement<long>> Streams() => _observed is not { Usage: { } usage } ? [] :
    [
        new(usage.InboundStreams, Tag("direction", "inbound")),
        new(usage.OutboundStreams, Tag("direction", "outbound")),
    ];

    private IEnumerable<Measurement<long>> Memory() => _observed is { } limits ? [new(limits.Usage.Memory)] : [];

    private IEnumerable<Measurement<long>> Bytes() => _observed is null ? [] : _bytes.Measure();

    private double Seconds(long started) => _time.GetElapsedTime(started).TotalSeconds;

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    /// <summary>The kind of failure: what is behind an upgrade's, as the stage is a tag of its own.</summary>
    private static string NameOf(Exception cause) => cause is UpgradeException { InnerException: { } behind } ? behind.GetType().Name : cause.GetType().Name;

    private static string Word(Direction direction) => direction == Direction.Inbound ? "inbound" : "outbound";

    private static string Word(ConnectionRole role) => role == ConnectionRole.Initiator ? "initiator" : "responder";

    private static string Word(DialStage stage) => stage == DialStage.Muxer ? "muxer" : "security";

    private static string Word(EndedBy by) => by switch
    {
        EndedBy.Local => "local",
        EndedBy.Remote => "remote",
        EndedBy.Link => "link",
        EndedBy.Limit => "limit",
        EndedBy.Caller => "caller",
        _ => "violation",
    };
}
