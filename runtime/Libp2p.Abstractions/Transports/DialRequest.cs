using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Transports;

/// <summary>Everything that is special about one dial. The defaults are an ordinary connection.</summary>
public sealed record DialRequest
{
    /// <summary>Who is to be reached. An address's own <c>/p2p</c> must agree.</summary>
    public required ExpectedPeer ExpectedPeer { get; init; }

    /// <summary>Addresses to try; empty: those of the peer store.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; init; } = [];

    /// <summary>The role in the upgrade. DCUtR's server side dials as <see cref="ConnectionRole.Responder"/>.</summary>
    public ConnectionRole Role { get; init; } = ConnectionRole.Initiator;

    /// <summary>Which source port to dial from.</summary>
    public SourcePort SourcePort { get; init; }

    /// <summary>Makes a new connection even if the peer is connected.</summary>
    public bool ForceNew { get; init; }

    /// <summary>
    /// Nothing of the dial is shared: no joined dial, no reused port, no peer store, and the connection serves nobody else (AutoNAT).
    /// </summary>
    public bool Isolated { get; init; }

    /// <summary>Whether a limited (relayed) connection will do.</summary>
    public bool AllowLimited { get; init; } = true;

    /// <summary>
    /// Dials addresses of the peer store even if they failed a moment ago and would be left alone. Addresses that the request names
    /// are always dialled.
    /// </summary>
    public bool IgnoreBackoff { get; init; }

    /// <summary>
    /// The attempt of another dial that needs this connection first (a circuit's relay): this dial does not wait for the place that the
    /// attempt holds. Null for a dial of its own.
    /// </summary>
    public DialPlace? OnBehalfOf { get; init; }

    /// <summary>Time for all of it; null: the node's default.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>Which source port a dial comes from.</summary>
public enum SourcePort
{
    /// <summary>The transport decides.</summary>
    Default,

    /// <summary>The port we listen on, so that the address the remote sees is one it can dial (DCUtR).</summary>
    Reuse,

    /// <summary>A fresh one (AutoNAT).</summary>
    New,
}
