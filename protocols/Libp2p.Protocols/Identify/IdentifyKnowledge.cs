using System.Runtime.CompilerServices;
using Libp2p.Connections;
using Libp2p.Services;
using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>Learns of peers: asks them, checks what they say, and passes it on.</summary>
internal sealed class IdentifyKnowledge(NodeContext node, IdentifyOptions options, ILogger log)
{
    private readonly ConditionalWeakTable<IPeerConnection, Told> _told = []; // lives as long as its connections

    private readonly DescriptionReader _reader = new(node.Verifier);

    public ObservedAddresses Observed { get; } = new(node.Seams.Time, options.ObservationLifetime);

    /// <summary>The latest description of each open connection that got one: the state behind <see cref="PeerIdentified"/>.</summary>
    public IEnumerable<PeerIdentified> Identified => Latest.Select(static told => told.Identified).OfType<PeerIdentified>();

    /// <summary>The latest observation of each open connection that brought one: the state behind <see cref="AddressObserved"/>.</summary>
    public IEnumerable<AddressObserved> Observations => Latest.Select(static told => told.Observed).OfType<AddressObserved>();

    private IEnumerable<Told> Latest =>
        node.Dialer.Connections.Select(connection => _told.TryGetValue(connection, out Told? told) ? told : null).OfType<Told>();

    /// <summary>Asks the peer of a connection, which may fail: a peer need not support identify.</summary>
    public async Task AskAsync(IPeerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            IdentifyMessage message = await connection.Client(IIdentify.Protocol).IdentifyAsync(cancellationToken);
            await TakeAsync(message, connection, isPush: false, cancellationToken);
        }
        catch (Exception exception) // third-party stores and verifiers may throw anything, and no caller waits for the answer
        {
            IdentifyLog.NotIdentified(log, connection.Id, connection.RemotePeer, exception.Message);
        }
    }

    /// <summary>Takes what a peer says of itself.</summary>
    /// <exception cref="ProtocolViolationException">It carries another peer's key.</exception>
    public async ValueTask TakeAsync(IdentifyMessage message, IPeerConnection connection, bool isPush, CancellationToken cancellationToken)
    {
        PeerDescription description = await _reader.ReadAsync(message, connection.RemoteKey, Vicinities.Of(connection), cancellationToken);
        if (description.RecordFault is { } fault)
        {
            IdentifyLog.BadRecord(log, connection.Id, description.Peer, fault);
        }

        await RememberAddressesAsync(description, connection, cancellationToken);
        Told told = _told.GetOrCreateValue(connection);
        if (description.Protocols.Count > 0)
        {
            await node.Peers.SetProtocolsAsync(description.Peer, description.Protocols, cancellationToken);
            node.Events.Publish(new PeerProtocolsChanged(description.Peer, description.Protocols));
        }

        if (description.ObservedAddress is { } observed && !connection.IsRelayed
            && Observed.TryAdd(observed, connection.LocalAddress, connection.RemoteAddress))
        {
            told.Observed = new AddressObserved(observed, connection);
            node.Events.Publish(told.Observed);
        }

        IdentifyLog.Identified(log, connection.Id, description.Peer, description.AgentVersion, description.Protocols.Count, description.Addresses.Count);
        told.Identified = new PeerIdentified(connection, description, isPush);
        node.Events.Publish(told.Identified);
    }

    /// <summary>A record replaces an older one, also where none of its addresses means anything here; without one, addresses are added.</summary>
    private async ValueTask RememberAddressesAsync(PeerDescription description, IPeerConnection connection, CancellationToken cancellationToken)
    {
        if (description.RecordSequence is { } sequence)
        {
            if (!await node.Peers.SetRecordAsync(description.Peer, sequence, description.Addresses, options.AddressLifetime, cancellationToken))
            {
                IdentifyLog.OldRecord(log, connection.Id, description.Peer, sequence);
            }
        }
        else if (description.Addresses.Count > 0)
        {
            await node.Peers.AddAddressesAsync(
                description.Peer, description.Addresses, AddressSource.Announced, options.AddressLifetime, cancellationToken);
        }
    }

    private sealed class Told
    {
        public volatile PeerIdentified? Identified;

        public volatile AddressObserved? Observed;
    }
}
