using System.ComponentModel;
using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Transports;

/// <summary>One address for a transport to dial, and what of the node's dial concerns it.</summary>
/// <param name="Address">The address, without <c>/p2p</c> of its last peer.</param>
/// <param name="ExpectedPeer">Who the remote must turn out to be: as the dial demands, or as the address alone names it.</param>
/// <param name="Admission">Memory of the connection, and the judge of its remote. A link transport leaves the judge to the node.</param>
public sealed record TransportDial(Multiaddress Address, ExpectedPeer ExpectedPeer, ConnectionAdmission Admission)
{
    /// <summary>The role in the handshake. DCUtR's server side dials as <see cref="ConnectionRole.Responder"/>.</summary>
    public ConnectionRole Role { get; init; } = ConnectionRole.Initiator;

    /// <summary>Which source port to dial from.</summary>
    public SourcePort SourcePort { get; init; }

    /// <summary>Whether nothing of the dial is shared with other dials (AutoNAT).</summary>
    public bool IsIsolated { get; init; }

    /// <summary>
    /// The place of this attempt among those of the node. A transport that needs another connection first (a circuit's relay) passes it on
    /// as <see cref="DialRequest.OnBehalfOf"/>, so that the inner dial does not wait for the place that this attempt holds.
    /// </summary>
    public DialPlace? Place { get; init; }
}

/// <summary>The place of one attempt among the dial attempts of a node. Opaque: it is only passed on.</summary>
public abstract class DialPlace
{
    /// <summary>For the runtime.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected DialPlace()
    {
    }
}
