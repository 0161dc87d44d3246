namespace Libp2p.Limits;

/// <summary>The ceilings of a node. Immutable. The defaults are safe for a process of 1 GiB on the open internet.</summary>
public sealed record ResourceLimits
{
    /// <summary>
    /// Connections of the whole node, in both directions. By default 1,024, and no more than half of the files that the process may
    /// have open.
    /// </summary>
    public int Connections { get; init; } = OpenFiles.DefaultConnections;

    /// <summary>Inbound connections whose handshake is not over.</summary>
    public int PendingInbound { get; init; } = 128;

    /// <summary>Connections with one peer.</summary>
    public int ConnectionsPerPeer { get; init; } = 8;

    /// <summary>Streams of the whole node.</summary>
    public int Streams { get; init; } = 16 * 1024;

    /// <summary>Inbound streams on one connection.</summary>
    public int InboundStreamsPerConnection { get; init; } = 1024;

    /// <summary>Inbound streams on one connection whose protocol is not agreed.</summary>
    public int NegotiatingPerConnection { get; init; } = 128;

    /// <summary>Bytes of receive windows and queues beyond their first size, of the whole node.</summary>
    public long Memory { get; init; } = 256L * Size.MiB;

    /// <summary>The same, of one connection.</summary>
    public long MemoryPerConnection { get; init; } = 64L * Size.MiB;
}
