using Libp2p.Connections;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// How near the ends of a connection are to each other, which decides what an address means to both: <c>127.0.0.1</c> and
/// <c>192.168.0.1</c> are somebody else's service to a peer from elsewhere. In the order in which more addresses are told and believed.
/// </summary>
internal enum Vicinity
{
    /// <summary>Anywhere, also through a relay: public addresses only.</summary>
    World,

    /// <summary>The same private network or link: no loopback.</summary>
    Network,

    /// <summary>The same machine, or process.</summary>
    Machine,
}

/// <summary>Which addresses pass over which connection.</summary>
internal static class Vicinities
{
    /// <summary>How near the remote of a connection is; a call without a connection stays in the process.</summary>
    public static Vicinity Of(IPeerConnection? connection) =>
        connection is null ? Vicinity.Machine : connection.IsRelayed ? Vicinity.World : OfRemote(connection.RemoteAddress);

    /// <summary>How near the remote of a direct connection is.</summary>
    public static Vicinity OfRemote(Multiaddress remote) =>
        remote.Contains(MultiaddressProtocol.P2pCircuit) ? Vicinity.World : Needed(remote) ?? Vicinity.World;

    /// <summary>Whether an address means the same to both ends.</summary>
    public static bool Admits(this Vicinity vicinity, Multiaddress address) => Needed(address) is { } needed && vicinity >= needed;

    // How near one must be to reach it; null: nobody can dial it. Of a relayed address this is about the relay.
    private static Vicinity? Needed(Multiaddress address) => address.Reach switch
    {
        MultiaddressReach.Public => Vicinity.World,
        MultiaddressReach.Private or MultiaddressReach.LinkLocal or MultiaddressReach.SpecialUse => Vicinity.Network,
        MultiaddressReach.Loopback => Vicinity.Machine,
        MultiaddressReach.Unspecified => null, // a system takes it for its own loopback
        _ => address.Count > 0 && address[0].Code is MultiaddressCode.Memory or MultiaddressCode.Unix ? Vicinity.Machine : Vicinity.World,
    };
}
