using Libp2p.Connections;
using Libp2p.Limits;

namespace Libp2p.Node.State;

/// <summary>One connection of a <see cref="NodeState"/>.</summary>
public sealed record ConnectionState
{
    /// <summary>Its number in the node.</summary>
    public required long Id { get; init; }

    /// <summary>The remote.</summary>
    public required PeerId Peer { get; init; }

    /// <summary>Who opened it.</summary>
    public required Direction Direction { get; init; }

    /// <summary>Since its lease was taken, handshake included.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>Our end.</summary>
    public required Multiaddress LocalAddress { get; init; }

    /// <summary>The other end.</summary>
    public required Multiaddress RemoteAddress { get; init; }

    /// <summary>Whether a relay carries it.</summary>
    public required bool IsRelayed { get; init; }

    /// <summary>The agreed security protocol; null where the transport has its own.</summary>
    public required ProtocolId? Security { get; init; }

    /// <summary>The agreed muxer; null where the transport has its own streams.</summary>
    public required ProtocolId? Muxer { get; init; }

    /// <summary>Bytes sent: frames of the muxer, before encryption.</summary>
    public required long Sent { get; init; }

    /// <summary>Bytes received: frames of the muxer, after decryption.</summary>
    public required long Received { get; init; }

    /// <summary>The smoothed round trip; null before one was measured.</summary>
    public required TimeSpan? RoundTrip { get; init; }

    /// <summary>What it takes of its ceilings.</summary>
    public required ResourceUsage Usage { get; init; }

    /// <summary>Inbound streams being served or negotiated.</summary>
    public required int Serving { get; init; }

    /// <summary>Callers that wait to open a stream, until the remote acknowledges earlier ones.</summary>
    public required int WaitingToOpen { get; init; }

    /// <summary>Streams of the remote that wait to be accepted.</summary>
    public required int WaitingToBeAccepted { get; init; }

    /// <summary>Why it is about to end; null while it takes streams.</summary>
    public required string? Ending { get; init; }

    /// <summary>Its streams, oldest first, then those that only the muxer still has.</summary>
    public required IReadOnlyList<StreamState> Streams { get; init; }
}

/// <summary>One stream of a <see cref="ConnectionState"/>.</summary>
public sealed record StreamState
{
    /// <summary>The muxer's number; null until the muxer has opened it.</summary>
    public required long? Id { get; init; }

    /// <summary>Who opened it.</summary>
    public required Direction Direction { get; init; }

    /// <summary>The protocol; null until one is agreed.</summary>
    public required ProtocolId? Protocol { get; init; }

    /// <summary>How far it has come.</summary>
    public required StreamPhase Phase { get; init; }

    /// <summary>Since it was asked for, or accepted; null where only the muxer has it.</summary>
    public required TimeSpan? Age { get; init; }

    /// <summary>Bytes of the application sent.</summary>
    public required long Sent { get; init; }

    /// <summary>Bytes received for the application.</summary>
    public required long Received { get; init; }

    /// <summary>Bytes the remote takes now.</summary>
    public required long SendWindow { get; init; }

    /// <summary>Bytes the remote may send now.</summary>
    public required long ReceiveWindow { get; init; }

    /// <summary>Bytes that were flushed and not sent.</summary>
    public required long Queued { get; init; }

    /// <summary>Bytes that came and were not consumed.</summary>
    public required long Buffered { get; init; }

    /// <summary>Whether our direction is closed.</summary>
    public required bool IsWriteClosed { get; init; }

    /// <summary>Whether the remote's direction has ended.</summary>
    public required bool IsRemoteWriteClosed { get; init; }

    /// <summary>What it waits for; empty: for nobody but its own code.</summary>
    public required IReadOnlyList<StreamWait> WaitsFor { get; init; }
}

/// <summary>How far a stream has come.</summary>
public enum StreamPhase
{
    /// <summary>The muxer has not opened it.</summary>
    Opening,

    /// <summary>Its protocol is not agreed.</summary>
    Negotiating,

    /// <summary>Its protocol is agreed, and it may be refused yet: by the access policy, or for want of a place.</summary>
    Admitting,

    /// <summary>In use.</summary>
    Open,

    /// <summary>Between two exchanges, kept for the next.</summary>
    Idle,

    /// <summary>We have finished with it; the remote, or what is still queued, keeps it.</summary>
    Ending,
}

/// <summary>What a stream may wait for.</summary>
public enum StreamWait
{
    /// <summary>The muxer to open it: the remote has not acknowledged earlier ones.</summary>
    Opening,

    /// <summary>The remote to propose or to answer in the negotiation of the protocol.</summary>
    Negotiation,

    /// <summary>The access policy to admit the caller.</summary>
    AccessPolicy,

    /// <summary>A place: the peer has as many inbound streams of the operation as it may (<see cref="NodeState.InboundGates"/>).</summary>
    Place,

    /// <summary>The remote to send: a read waits.</summary>
    RemoteBytes,

    /// <summary>The remote to read: what we have to send is more than its window takes.</summary>
    RemoteWindow,

    /// <summary>The connection to send what is queued, although the remote's window takes it.</summary>
    Connection,

    /// <summary>Our own code to read what has come.</summary>
    LocalReader,
}
