namespace Libp2p.Limits;

/// <summary>The ceilings of a node. Immutable. The defaults are safe for a process of 1 GiB on the open internet.</summary>
public sealed record ResourceLimits
{
    private readonly long? _memoryPerConnection;

    /// <summary>
    /// Connections of the whole node, in both directions. By default 1,024, and no more than half of the files that the process may
    /// have open.
    /// </summary>
    public int Connections { get; init; } = OpenFiles.DefaultConnections;

    /// <summary>Inbound connections whose handshake is not over.</summary>
    public int PendingInbound { get; init; } = 128;

    /// <summary>
    /// Inbound connections from one address: an IPv4 address or an IPv6 /56; a /48 and a relay may have four times as many. Loopback, and
    /// links without IP addresses, are exempt. Beyond it connections are refused, as by all bounds of inbound connections. Behind a proxy
    /// or a translator that shows its own address for all, raise it and the next two.
    /// </summary>
    public int ConnectionsPerAddress { get; init; } = 32;

    /// <summary>Of those, connections whose handshake is not over.</summary>
    public int PendingInboundPerAddress { get; init; } = 16;

    /// <summary>Of those, connections that come in one second on the average, once <see cref="ConnectionsPerAddress"/> have come together.</summary>
    public int ConnectionsPerAddressPerSecond { get; init; } = 5;

    /// <summary>Connections with one peer.</summary>
    public int ConnectionsPerPeer { get; init; } = 8;

    /// <summary>Bytes as of <see cref="Memory"/> of all connections with one peer. By default as many as the node's.</summary>
    public long MemoryPerPeer { get; init; } = 256L * Size.MiB;

    /// <summary>Streams of all connections with one peer, in both directions.</summary>
    public int StreamsPerPeer { get; init; } = 8 * 1024;

    /// <summary>Streams of one agreed protocol, in both directions. By default as many as the node's.</summary>
    public int StreamsPerProtocol { get; init; } = 16 * 1024;

    /// <summary>Bytes as of <see cref="Memory"/> of all streams of one agreed protocol. By default as many as the node's.</summary>
    public long MemoryPerProtocol { get; init; } = 256L * Size.MiB;

    /// <summary>Streams of the whole node.</summary>
    public int Streams { get; init; } = 16 * 1024;

    /// <summary>Inbound streams on one connection.</summary>
    public int InboundStreamsPerConnection { get; init; } = 1024;

    /// <summary>Inbound streams on one connection whose protocol is not agreed.</summary>
    public int NegotiatingPerConnection { get; init; } = 128;

    /// <summary>
    /// Bytes received and not read, messages that arrive or are in their handlers' hands, bytes queued to send beyond 4 KiB of each stream,
    /// and bytes promised by windows beyond their first size, of the whole node. Then windows do not grow, a stream that receives is reset,
    /// and one that sends waits or fails (docs/limits.md).
    /// </summary>
    public long Memory { get; init; } = 256L * Size.MiB;

    /// <summary>
    /// The same, of one connection. By default 64 MiB, or where operations with longer messages are registered what the longest needs in
    /// both directions; a configured value is never exceeded, and an operation that could never keep to it is refused where it is registered.
    /// </summary>
    public long MemoryPerConnection
    {
        get => _memoryPerConnection ?? 64L * Size.MiB;
        init => _memoryPerConnection = value;
    }

    /// <summary>Whether <see cref="MemoryPerConnection"/> was configured.</summary>
    internal bool IsMemoryPerConnectionSet => _memoryPerConnection is not null;
}
