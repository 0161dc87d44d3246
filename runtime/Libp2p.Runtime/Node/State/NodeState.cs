using System.Text.Json;
using Libp2p.Connections;
using Libp2p.Limits;

namespace Libp2p.Node.State;

/// <summary>
/// What a node was doing at one moment: <see cref="ToString"/> for people, <see cref="ToJson"/> for programs (docs/node-state.md). Each
/// part was looked at for itself, without stopping the node, so that two of them may tell of different moments.
/// </summary>
public sealed record NodeState
{
    /// <summary>The form of the JSON; a property that changes its name or meaning raises it.</summary>
    public int Version { get; } = 1;

    /// <summary>The node.</summary>
    public required PeerId Self { get; init; }

    /// <summary>When, by the node's clock.</summary>
    public required DateTimeOffset Taken { get; init; }

    /// <summary>Where it listens.</summary>
    public required IReadOnlyList<Multiaddress> Listening { get; init; }

    /// <summary>Addresses that it was to listen on and does not, because the machine lacks them.</summary>
    public required IReadOnlyList<UnavailableAddressState> Unavailable { get; init; }

    /// <summary>What it serves.</summary>
    public required IReadOnlyList<ProtocolId> Protocols { get; init; }

    /// <summary>Its services, in the order they started, each with its <see cref="Libp2p.Services.INodeService.Condition"/> in brackets where it has one.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>Which library serves which primitive.</summary>
    public required string Crypto { get; init; }

    /// <summary>What is taken of its ceilings.</summary>
    public required ResourceUsage Usage { get; init; }

    /// <summary>Its ceilings.</summary>
    public required ResourceLimits Limits { get; init; }

    /// <summary>Dials that callers wait for.</summary>
    public required IReadOnlyList<DialState> Dials { get; init; }

    /// <summary>The addresses that all dials together try, and their bound.</summary>
    public required DialAttemptsState DialAttempts { get; init; }

    /// <summary>The peers that it keeps connected, a line each.</summary>
    public required IReadOnlyList<string> Kept { get; init; }

    /// <summary>Connections in the making, in both directions, oldest first.</summary>
    public required IReadOnlyList<PendingConnectionState> Pending { get; init; }

    /// <summary>Its connections, oldest first.</summary>
    public required IReadOnlyList<ConnectionState> Connections { get; init; }

    /// <summary>What is taken in the scopes below the node's: the transient one, peers and protocols that have something.</summary>
    public required IReadOnlyList<ScopeState> Scopes { get; init; }

    /// <summary>Bounds of our streams towards single peers, where a stream is open or a caller waits.</summary>
    public required IReadOnlyList<OutboundGateState> Gates { get; init; }

    /// <summary>Bounds of the streams of single peers towards us, where a stream is open or waits.</summary>
    public required IReadOnlyList<InboundGateState> InboundGates { get; init; }

    /// <summary>Application and platform code that was cancelled and has not returned, oldest first.</summary>
    public required IReadOnlyList<AbandonedWorkState> Abandoned { get; init; }

    /// <summary>Messages of remotes that no operation knows, of the protocols that were sent any.</summary>
    public required IReadOnlyList<UnknownMessagesState> UnknownMessages { get; init; }

    /// <summary>Who listens to the node's events.</summary>
    public required IReadOnlyList<SubscriptionState> Subscriptions { get; init; }

    /// <summary>The state as JSON, indented.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, NodeStateJson.Default.NodeState);

    /// <inheritdoc/>
    public override string ToString() => NodeStateText.Print(this);
}

/// <summary>A dial that is going on.</summary>
/// <param name="Peer">Who is dialled.</param>
/// <param name="Waiting">Callers that wait for it.</param>
/// <param name="Addresses">What is tried, or waits to be tried.</param>
public sealed record DialState(PeerId Peer, int Waiting, IReadOnlyList<DialAddressState> Addresses);

/// <summary>One address of a dial.</summary>
/// <param name="Address">The address, or the name that is being resolved.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Failure">Why it has failed; null while it has not.</param>
public sealed record DialAddressState(Multiaddress Address, DialStage Stage, string? Failure);

/// <summary>The addresses that the node's dials try.</summary>
/// <param name="Limit">Addresses that may be tried at the same time.</param>
/// <param name="Running">Addresses that are tried.</param>
/// <param name="Waiting">Addresses that wait until another one has failed or won.</param>
public sealed record DialAttemptsState(int Limit, int Running, int Waiting);

/// <summary>A connection in the making: it has a lease and no peer yet.</summary>
/// <param name="Direction">Who opens it.</param>
/// <param name="RemoteAddress">The other end.</param>
/// <param name="Peer">Who is expected there; null: anyone.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Age">Since its lease was taken.</param>
public sealed record PendingConnectionState(
    Direction Direction, Multiaddress RemoteAddress, PeerId? Peer, DialStage Stage, TimeSpan Age);

/// <summary>How many streams of one operation we have towards one peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Protocol">The operation's first id.</param>
/// <param name="Operation">Which of the operations that share the id; null where there is one.</param>
/// <param name="Limit">Streams that may be open.</param>
/// <param name="Open">Streams that are open.</param>
/// <param name="Waiting">Callers that wait for one to end.</param>
public sealed record OutboundGateState(PeerId Peer, ProtocolId Protocol, string? Operation, int Limit, int Open, int Waiting);

/// <summary>How many streams of one operation one peer has towards us.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Protocol">The operation's first id; null where it has none.</param>
/// <param name="Limit">Streams that may be open.</param>
/// <param name="Open">Streams that are open.</param>
/// <param name="Waiting">Streams that wait for one to end.</param>
public sealed record InboundGateState(PeerId Peer, ProtocolId? Protocol, int Limit, int Open, int Waiting);

/// <summary>Messages of remotes that are for none of the operations that share an id.</summary>
/// <param name="Protocol">The first id; null where there is none but a predicate.</param>
/// <param name="Count">Messages since the handler was registered; each ended its stream.</param>
public sealed record UnknownMessagesState(ProtocolId? Protocol, long Count);

/// <summary>A subscription to the node's events.</summary>
/// <param name="Event">What it listens to.</param>
/// <param name="Waiting">Events that wait for its reader.</param>
/// <param name="Capacity">Events that may.</param>
/// <param name="Missed">Events that were dropped because they did not fit.</param>
public sealed record SubscriptionState(string Event, int Waiting, int Capacity, long Missed);

/// <summary>An address that the node was to listen on and does not.</summary>
/// <param name="Address">The address.</param>
/// <param name="Reason">What the machine lacks.</param>
public sealed record UnavailableAddressState(Multiaddress Address, string Reason);

/// <summary>What is taken in one scope of the node's ledger.</summary>
/// <param name="Kind">What it bounds.</param>
/// <param name="Name">The peer, the protocol, or "transient".</param>
/// <param name="Usage">What is taken.</param>
public sealed record ScopeState(ResourceScopeKind Kind, string Name, ResourceUsage Usage);

/// <summary>Code that the node no longer waits for.</summary>
/// <param name="What">What it was to do.</param>
/// <param name="Age">Since it was left behind.</param>
public sealed record AbandonedWorkState(string What, TimeSpan Age);
