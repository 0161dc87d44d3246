namespace Libp2p.Tests.Faults;

/// <summary>How far a peer goes before it misbehaves.</summary>
public enum Layer
{
    /// <summary>Nothing was said: the id of the security protocol is expected.</summary>
    Raw,

    /// <summary>The first message of the handshake is expected.</summary>
    Noise,

    /// <summary>Authenticated: the id of the muxer is expected, encrypted.</summary>
    Secured,

    /// <summary>Frames of Yamux are expected.</summary>
    Yamux,

    /// <summary>The id of a stream's protocol is expected.</summary>
    Stream,
}
