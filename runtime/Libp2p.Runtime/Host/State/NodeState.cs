using System.Text.Json;
using Libp2p.Limits;

namespace Libp2p.Hosting;

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

    /// <summary>What it serves.</summary>
    public required IReadOnlyList<ProtocolId> Protocols { get; init; }

    /// <summary>Its services, in the order they started.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>Which library serves which primitive.</summary>
    public required string Crypto { get; init; }

    /// <summary>What is taken of its ceilings.</summary>
    public required ResourceUsage Usage { get; init; }

    /// <summary>Its ceilings.</summary>
    public required ResourceLimits Limits { get; init; }

    /// <summary>Dials that callers wait for.</summary>
    public required IReadOnlyList<DialState> Dials { get; init; }

    /// <summary>The peers that it keeps connected, a line each.</summary>
    public required IReadOnlyList<string> Kept { get; init; }

    /// <summary>Connections in the making, in both directions, oldest first.</summary>
    public required IReadOnlyList<PendingConnectionState> Pending { get; init; }

    /// <summary>Its connections, oldest first.</summary>
    public required IReadOnlyList<ConnectionState> Connections { get; init; }

    /// <summary>Bounds of our streams towards single peers, where a stream is open or a caller waits.</summary>
    public required IReadOnlyList<OutboundGateState> Gates { get; init; }

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

/// <summary>A connection in the making: it has a lease and no peer yet.</summary>
/// <param name="Direction">Who opens it.</param>
/// <param name="RemoteAddress">The other end.</param>
/// <param name="Peer">Who is expected there; null: anyone.</param>
/// <param name="Stage">How far it has come.</param>
/// <param name="Age">Since its lease was taken.</param>
public sealed record PendingConnectionState(
    Connections.Direction Direction, Multiaddress RemoteAddress, PeerId? Peer, DialStage Stage, TimeSpan Age);

/// <summary>How many streams of one operation we have towards one peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Protocol">The operation's first id.</param>
/// <param name="Operation">Which of the operations that share the id; null where there is one.</param>
/// <param name="Limit">Streams that may be open.</param>
/// <param name="Open">Streams that are open.</param>
/// <param name="Waiting">Callers that wait for one to end.</param>
public sealed record OutboundGateState(PeerId Peer, ProtocolId Protocol, string? Operation, int Limit, int Open, int Waiting);

/// <summary>A subscription to the node's events.</summary>
/// <param name="Event">What it listens to.</param>
/// <param name="Waiting">Events that wait for its reader.</param>
/// <param name="Capacity">Events that may.</param>
/// <param name="Missed">Events that were dropped because they did not fit.</param>
public sealed record SubscriptionState(string Event, int Waiting, int Capacity, long Missed);
