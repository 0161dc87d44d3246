using Libp2p.Connections;
using Libp2p.Services;
using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>Learns of peers: asks them, checks what they say, and passes it on.</summary>
internal sealed class IdentifyKnowledge(NodeContext node, IdentifyOptions options, ILogger log)
{
    public ObservedAddresses Observed { get; } = new(node.Seams.Time, options.ObservationLifetime);

    /// <summary>Asks the peer of a connection, which may fail: a peer need not speak identify.</summary>
    public async Task AskAsync(IPeerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            IdentifyMessage message = await connection.Client(IIdentify.Protocol).IdentifyAsync(cancellationToken);
            await TakeAsync(message, connection, isPush: false, cancellationToken);
        }
        catch (Exception exception) // stores and verifiers are anybody's, and nobody waits for the answer
        {
            IdentifyLog.NotIdentified(log, connection.Id, connection.RemotePeer, exception.Message);
        }
    }

    /// <summary>Takes what a peer says of itself.</summary>
    /// <exception cref="ProtocolViolationException">It carries somebody else's key.</exception>
    public async ValueTask TakeAsync(IdentifyMessage message, IPeerConnection connection, bool isPush, CancellationToken cancellationToken)
    {
        PeerDescription description = await DescriptionReader.ReadAsync(
            message, connection.RemoteKey, Vicinities.Of(connection), node.Verifier, cancellationToken);
        if (description.RecordFault is { } fault)
        {
            IdentifyLog.BadRecord(log, connection.Id, description.Peer, fault);
        }

        if (description.Addresses.Count > 0)
        {
            AddressSource source = description.Record is null ? AddressSource.Announced : AddressSource.Certified;
            await node.Peers.AddAddressesAsync(description.Peer, description.Addresses, source, options.AddressLifetime, cancellationToken);
        }

        if (description.Protocols.Count > 0)
        {
            await node.Peers.SetProtocolsAsync(description.Peer, description.Protocols, cancellationToken);
            node.Events.Publish(new PeerProtocolsChanged(description.Peer, description.Protocols));
        }

        if (description.ObservedAddress is { } observed && !connection.IsRelayed
            && Observed.TryAdd(observed, connection.LocalAddress, connection.RemoteAddress))
        {
            node.Events.Publish(new AddressObserved(observed, connection));
        }

        IdentifyLog.Identified(log, connection.Id, description.Peer, description.AgentVersion, description.Protocols.Count, description.Addresses.Count);
        node.Events.Publish(new PeerIdentified(connection, description, isPush));
    }
}
