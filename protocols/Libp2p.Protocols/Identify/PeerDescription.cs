namespace Libp2p.Protocols.Identify;

/// <summary>What a peer says of itself, as far as it is well-formed and could be checked. Immutable.</summary>
public sealed record PeerDescription
{
    /// <summary>Who.</summary>
    public required PeerId Peer { get; init; }

    /// <summary>
    /// Where it says that it can be reached, without <c>/p2p</c>. Certified ones, where there are any, are the only ones. Loopback only
    /// over a loopback connection, private ones only over a connection from a private network or this machine: to us they would be
    /// somebody else's.
    /// </summary>
    public required IReadOnlyList<Multiaddress> Addresses { get; init; }

    /// <summary>
    /// The signed record that the addresses come from, to be passed on; null: they are not certified. It may hold addresses that
    /// <see cref="Addresses"/> leaves out.
    /// </summary>
    public SignedEnvelope? Record { get; init; }

    /// <summary>The number of <see cref="Record"/>: the peer's later records have greater ones. Null without a record.</summary>
    public ulong? RecordSequence { get; init; }

    /// <summary>Why a record that came along does not count; null where none came, or it counts.</summary>
    public string? RecordFault { get; init; }

    /// <summary>What it accepts; empty when it did not say.</summary>
    public required IReadOnlyList<ProtocolId> Protocols { get; init; }

    /// <summary>Where it sees us, without <c>/p2p</c>: a claim. Null when it did not say.</summary>
    public Multiaddress? ObservedAddress { get; init; }

    /// <summary>The version of its network; empty when it did not say. Free of control characters.</summary>
    public string ProtocolVersion { get; init; } = "";

    /// <summary>Its software; empty when it did not say. Free of control characters.</summary>
    public string AgentVersion { get; init; } = "";
}

/// <summary>
/// A peer described itself: asked, or by a push. A state: a new subscriber first gets the latest of each open connection.
/// </summary>
/// <param name="Connection">Over which.</param>
/// <param name="Description">What it said. In a push, an empty list means that it has not changed.</param>
/// <param name="IsPush">Whether it spoke by itself.</param>
public sealed record PeerIdentified(Libp2p.Connections.IPeerConnection Connection, PeerDescription Description, bool IsPush) : Libp2p.NodeEvent;
