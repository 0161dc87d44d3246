namespace Libp2p.Connections;

/// <summary>
/// What a transport makes of an address: either an <see cref="IByteLink"/>, which the upgrader secures and muxes, or an
/// <see cref="UpgradedConnection"/>, which is both already (QUIC, WebTransport, WebRTC).
/// </summary>
public interface ITransportConnection : IAsyncDisposable
{
    /// <summary>Our end.</summary>
    Multiaddress LocalAddress { get; }

    /// <summary>The other end, without <c>/p2p</c>. It may change while the connection lives (QUIC migration).</summary>
    Multiaddress RemoteAddress { get; }

    /// <summary>Whether a relay carries it, limited or not.</summary>
    bool IsRelayed { get; }

    /// <summary>The bounds of a relayed connection, or null where there are none.</summary>
    ConnectionLimit? Limit { get; }

    /// <summary>Ends it at once; what was not yet sent is lost. Idempotent, thread-safe, returns before the teardown is done: dispose to wait.</summary>
    void Abort(EndReason reason);
}

/// <summary>How long and for how much a relayed connection may be used.</summary>
/// <param name="Bytes">Bytes in each direction, or null without a limit.</param>
/// <param name="Until">When the relay ends it, or null without a limit.</param>
public sealed record ConnectionLimit(long? Bytes, DateTimeOffset? Until);
