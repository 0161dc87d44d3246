using Libp2p.Limits;

namespace Libp2p.Hosting;

/// <summary>The ceilings of a host's node: <see cref="ResourceLimits"/>, as configuration tells them. Each is above 0.</summary>
public sealed class Libp2pLimits
{
    private static readonly ResourceLimits s_defaults = new();

    private long? _memoryPerConnection; // unless it is set, longer messages may raise it

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

    /// <inheritdoc cref="ResourceLimits.MemoryPerPeer"/>
    public long MemoryPerPeer { get; set; } = s_defaults.MemoryPerPeer;

    /// <inheritdoc cref="ResourceLimits.StreamsPerPeer"/>
    public int StreamsPerPeer { get; set; } = s_defaults.StreamsPerPeer;

    /// <inheritdoc cref="ResourceLimits.StreamsPerProtocol"/>
    public int StreamsPerProtocol { get; set; } = s_defaults.StreamsPerProtocol;

    /// <inheritdoc cref="ResourceLimits.MemoryPerProtocol"/>
    public long MemoryPerProtocol { get; set; } = s_defaults.MemoryPerProtocol;

    /// <inheritdoc cref="ResourceLimits.Streams"/>
    public int Streams { get; set; } = s_defaults.Streams;

    /// <inheritdoc cref="ResourceLimits.InboundStreamsPerConnection"/>
    public int InboundStreamsPerConnection { get; set; } = s_defaults.InboundStreamsPerConnection;

    /// <inheritdoc cref="ResourceLimits.NegotiatingPerConnection"/>
    public int NegotiatingPerConnection { get; set; } = s_defaults.NegotiatingPerConnection;

    /// <inheritdoc cref="ResourceLimits.Memory"/>
    public long Memory { get; set; } = s_defaults.Memory;

    /// <inheritdoc cref="ResourceLimits.MemoryPerConnection"/>
    public long MemoryPerConnection
    {
        get => _memoryPerConnection ?? s_defaults.MemoryPerConnection;
        set => _memoryPerConnection = value;
    }

    internal ResourceLimits ToResourceLimits()
    {
        ResourceLimits limits = new()
        {
            Connections = Connections,
            PendingInbound = PendingInbound,
            ConnectionsPerAddress = ConnectionsPerAddress,
            PendingInboundPerAddress = PendingInboundPerAddress,
            ConnectionsPerAddressPerSecond = ConnectionsPerAddressPerSecond,
            ConnectionsPerPeer = ConnectionsPerPeer,
            MemoryPerPeer = MemoryPerPeer,
            StreamsPerPeer = StreamsPerPeer,
            StreamsPerProtocol = StreamsPerProtocol,
            MemoryPerProtocol = MemoryPerProtocol,
            Streams = Streams,
            InboundStreamsPerConnection = InboundStreamsPerConnection,
            NegotiatingPerConnection = NegotiatingPerConnection,
            Memory = Memory,
        };
        return _memoryPerConnection is { } bytes ? limits with { MemoryPerConnection = bytes } : limits;
    }
}
