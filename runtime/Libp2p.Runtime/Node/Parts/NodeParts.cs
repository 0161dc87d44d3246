using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Node.Handlers;
using Libp2p.Node.Peers;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>
/// What the parts of one node share. Made when the node starts; transports and upgrader are set once, when the node's context exists that
/// their factories receive.
/// </summary>
internal sealed record NodeParts(
    NodeSeams Seams,
    NodeOptions Options,
    HandlerTable Handlers,
    NodeEventBus Events,
    IPeerStore Peers,
    ResourceManager Limits,
    IDnsResolver Resolver,
    AbandonedWork Abandoned,
    PeerId Self,
    ISignatureVerifier Verifier,
    CryptoEngine Crypto,
    ILoggerFactory Logging)
{
    /// <summary>Long-lived streams to peers.</summary>
    public OwnedWork Keeping { get; } = new();

    /// <summary>The application's veto over connections.</summary>
    public required Gaters Gaters { get; init; }

    /// <summary>The peer store for those who have no other end to their wait for it. The node's own answers at once.</summary>
    public IPeerStore BoundedPeers { get; } = Peers is MemoryPeerStore ? Peers : new BoundedPeerStore(Peers, Abandoned, Seams.Time);

    public PeerRouters Routers { get; } = new();

    /// <summary>The logger of all connections.</summary>
    public ILogger ConnectionLogger { get; } = Logging.CreateLogger("Libp2p.Node.Connections.PeerConnection");

    public required AccessPolicies Access { get; init; }

    public required NodeTelemetry Telemetry { get; init; }

    /// <summary>What the runtime counts and traces; ends with the node.</summary>
    public required NodeInstruments Instruments { get; init; }

    /// <summary>Set once, before the node starts.</summary>
    public TransportTable Transports { get; set; } = new([]);

    /// <summary>Set once, before the node starts.</summary>
    public IUpgrader Upgrader { get; set; } = null!;

    /// <summary>Protects a peer in the peer store until the lease is disposed of: one that fails protects nothing. Never throws.</summary>
    public IDisposable? Protect(PeerId peer)
    {
        try
        {
            return Peers.Protect(peer);
        }
        catch (Exception e) // third-party stores may throw anything, and neither a connection nor a lease depends on it
        {
            NodeLog.NotProtected(Logging.CreateLogger<IPeerStore>(), peer, e);
            return null;
        }
    }

    /// <summary>A client, unless its operations allow messages that the node could never hold.</summary>
    public T Client<T>(Protocol<T> protocol, IStreamOpener opener)
        where T : class
    {
        foreach (Operation<T> operation in protocol.Operations)
        {
            Limits.Messages.Admit($"{protocol.Name}.{operation.Name}", protocol.Settings(operation).Limits);
        }

        return protocol.CreateClient(opener);
    }
}
