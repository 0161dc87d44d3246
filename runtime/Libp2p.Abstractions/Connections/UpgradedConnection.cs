using Libp2p.Muxers;
using Libp2p.Security;

namespace Libp2p.Connections;

/// <summary>A connection whose remote is authenticated and that carries streams: the upgrader's product, or a transport's own.</summary>
/// <param name="muxed">The streams; owned.</param>
/// <param name="security">What the handshake told of the remote.</param>
/// <param name="muxer">The muxer that was agreed, or null where the transport brings its own streams.</param>
public sealed class UpgradedConnection(IMuxedConnection muxed, SecurityResult security, ProtocolId? muxer) : ITransportConnection
{
    /// <summary>The streams.</summary>
    public IMuxedConnection Muxed { get; } = muxed;

    /// <summary>Who the remote is, and what the handshake agreed.</summary>
    public SecurityResult Security { get; } = security;

    /// <summary>The agreed muxer, or null where the transport brings its own streams.</summary>
    public ProtocolId? Muxer { get; } = muxer;

    /// <inheritdoc/>
    public Multiaddress LocalAddress => Muxed.LocalAddress;

    /// <inheritdoc/>
    public Multiaddress RemoteAddress => Muxed.RemoteAddress;

    /// <inheritdoc/>
    public bool IsRelayed => Muxed.IsRelayed;

    /// <inheritdoc/>
    public ConnectionLimit? Limit => Muxed.Limit;

    /// <inheritdoc/>
    public void Abort(EndReason reason) => Muxed.Abort(reason);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Muxed.DisposeAsync();
}
