using Libp2p.Connections;

namespace Libp2p.Transports;

/// <summary>A way to reach addresses: TCP, memory, WebSocket, QUIC, circuit. Thread-safe; transports do not know each other.</summary>
public interface ITransport
{
    /// <summary>The name in logs, metrics and errors.</summary>
    string Name { get; }

    /// <summary>Whether it can dial the address, which is without <c>/p2p</c> of its last peer.</summary>
    bool CanDial(Multiaddress address);

    /// <summary>Whether it can listen on the address.</summary>
    bool CanListen(Multiaddress address);

    /// <summary>Connects to one address.</summary>
    /// <param name="address">What <see cref="CanDial"/> accepted.</param>
    /// <param name="request">Role, port policy, expected peer: the transport takes what concerns it.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    ValueTask<ITransportConnection> DialAsync(Multiaddress address, DialRequest request, CancellationToken cancellationToken);

    /// <summary>Starts to listen on one address.</summary>
    /// <exception cref="IOException">The address cannot be used: in use, forbidden, unknown.</exception>
    ValueTask<ITransportListener> ListenAsync(Multiaddress address, CancellationToken cancellationToken);
}
