using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>A transport that yields byte links, which the node secures and muxes: TCP, WebSocket, memory, relay circuits.</summary>
public interface ILinkTransport : ITransport
{
    /// <summary>Connects to one address.</summary>
    /// <param name="dial">The address, which <see cref="ITransport.CanDial"/> accepted, and what is special about this dial.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    /// <returns>A link that the caller owns.</returns>
    /// <exception cref="IOException">The address cannot be reached.</exception>
    ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken);

    /// <summary>Starts to listen on one address.</summary>
    /// <param name="address">What <see cref="ITransport.CanListen"/> accepted.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    /// <returns>A listener that the caller owns.</returns>
    /// <exception cref="AddressUnavailableException">The machine lacks the address or its family; another address may be listened on.</exception>
    /// <exception cref="IOException">The address cannot be used: it is in use or forbidden.</exception>
    ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken);
}
