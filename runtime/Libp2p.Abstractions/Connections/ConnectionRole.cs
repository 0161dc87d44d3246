namespace Libp2p.Connections;

/// <summary>
/// The role in security and muxer negotiation. It follows who dialled, except where it is set: DCUtR dials in the responder's
/// role, and WebRTC-direct turns the roles of Noise around.
/// </summary>
public enum ConnectionRole
{
    /// <summary>Speaks first; its streams have odd ids.</summary>
    Initiator,

    /// <summary>Answers.</summary>
    Responder,
}

/// <summary>Which end opened a connection or a stream.</summary>
public enum Direction
{
    /// <summary>The remote opened it.</summary>
    Inbound,

    /// <summary>We opened it.</summary>
    Outbound,
}
