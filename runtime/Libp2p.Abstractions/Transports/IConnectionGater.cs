using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>
/// The application's veto, asked in the order a connection comes to be. Called on the node's scheduler, so it must not block;
/// thread-safe. A refusal closes the connection with <see cref="ErrorCode.Gated"/> where a code can travel.
/// </summary>
public interface IConnectionGater
{
    /// <summary>Before an address is dialled.</summary>
    bool AllowDial(PeerId? peer, Multiaddress address) => true;

    /// <summary>When a remote knocks, before anything is spent on it.</summary>
    bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => true;

    /// <summary>When the remote is authenticated.</summary>
    bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => true;

    /// <summary>When the connection is ready for streams.</summary>
    bool AllowUpgraded(Direction direction, UpgradedConnection connection) => true;
}
