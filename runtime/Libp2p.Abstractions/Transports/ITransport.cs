namespace Libp2p.Transports;

/// <summary>
/// What the two kinds of transport share. A transport is either an <see cref="ILinkTransport"/>, whose byte links the node secures and
/// muxes, or an <see cref="IConnectionTransport"/>, whose connections are secured and carry streams already. It is made for one node, by
/// a factory that receives the node's context. Thread-safe; transports do not know each other.
/// </summary>
public interface ITransport
{
    /// <summary>The name in logs, metrics and errors, unique in the node.</summary>
    string Name { get; }

    /// <summary>Whether it can dial the address, which is without <c>/p2p</c> of its last peer. Never throws, whatever the address.</summary>
    bool CanDial(Multiaddress address);

    /// <summary>Whether it can listen on the address. Never throws, whatever the address.</summary>
    bool CanListen(Multiaddress address);
}
