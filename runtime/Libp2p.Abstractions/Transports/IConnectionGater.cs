using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>
/// The application's veto, asked in the order a connection comes to be. A refusal closes the connection with
/// <see cref="ErrorCode.Gated"/> where a code can travel. Implementations are thread-safe and answer at once, from memory.
/// </summary>
/// <remarks>
/// A gater that blocks holds up the connection in question and nothing else: the node waits for an answer as long as for an access policy,
/// then counts it as a refusal and no longer waits for the gater. At most 64 questions are unanswered at the same time. Called on the node's
/// scheduler, or on a thread of its own while another question is unanswered.
/// </remarks>
public interface IConnectionGater
{
    /// <summary>Before an address is dialled.</summary>
    bool AllowDial(PeerId? peer, Multiaddress address) => true;

    /// <summary>When a remote knocks, before a byte is exchanged with it.</summary>
    bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => true;

    /// <summary>When the remote is authenticated.</summary>
    bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => true;

    /// <summary>When the connection is ready for streams.</summary>
    bool AllowUpgraded(Direction direction, UpgradedConnection connection) => true;
}
