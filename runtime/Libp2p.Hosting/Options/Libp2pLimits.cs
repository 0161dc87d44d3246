using Libp2p.Limits;

namespace Libp2p.Hosting;

/// <summary>The ceilings of a host's node: <see cref="ResourceLimits"/>, as configuration tells them. Each is above 0.</summary>
public sealed class Libp2pLimits
{
    private static readonly ResourceLimits s_defaults = new();

    /// <inheritdoc cref="ResourceLimits.Connections"/>
    public int Connections { get; set; } = s_defaults.Connections;

    /// <inheritdoc cref="ResourceLimits.PendingInbound"/>
    public int PendingInbound { get; set; } = s_defaults.PendingInbound;

    /// <inheritdoc cref="ResourceLimits.ConnectionsPerAddress"/>
    public int ConnectionsPerAddress { get; set; } = s_defaults.ConnectionsPerAddress;

    /// <inheritdoc cref="ResourceLimits.PendingInboundPerAddress"/>
    public int PendingInboundPerAddress { get; set; } = s_defaults.PendingInboundPerAddress;

    /// <inheritdoc cref="ResourceLimits.ConnectionsPerAddressPerSecond"/>
    public int ConnectionsPerAddressPerSecond { get; set; } = s_defaults.ConnectionsPerAddressPerSecond;

    /// <inheritdoc cref="ResourceLimits.ConnectionsPerPeer"/>
    public int ConnectionsPerPeer { get; set; } = s_defaults.ConnectionsPerPeer;

    /// <inheritdoc cref="ResourceLimits.Streams"/>
    public int Streams { get; set; } = s_defaults.Streams;

    /// <inheritdoc cref="ResourceLimits.InboundStreamsPerConnection"/>
    public int InboundStreamsPerConnection { get; set; } = s_defaults.InboundStreamsPerConnection;

    /// <inheritdoc cref="ResourceLimits.NegotiatingPerConnection"/>
    public int NegotiatingPerConnection { get; set; } = s_defaults.NegotiatingPerConnection;

    /// <inheritdoc cref="ResourceLimits.Memory"/>
    public long Memory { get; set; } = s_defaults.Memory;

    /// <inheritdoc cref="ResourceLimits.MemoryPerConnection"/>
    public long MemoryPerConnection { get; set; } = s_defaults.MemoryPerConnection;

    internal ResourceLimits ToResourceLimits() => new()
    {
        Connections = Connections,
        PendingInbound = PendingInbound,
        ConnectionsPerAddress = ConnectionsPerAddress,
        PendingInboundPerAddress = PendingInboundPerAddress,
        ConnectionsPerAddressPerSecond = ConnectionsPerAddressPerSecond,
        ConnectionsPerPeer = ConnectionsPerPeer,
        Streams = Streams,
        InboundStreamsPerConnection = InboundStreamsPerConnection,
        NegotiatingPerConnection = NegotiatingPerConnection,
        Memory = Memory,
        MemoryPerConnection = MemoryPerConnection,
    };
}
