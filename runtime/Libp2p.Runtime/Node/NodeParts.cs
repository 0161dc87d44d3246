using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Node.Handlers;
using Libp2p.Node.Streams;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>What the parts of one node share. Made once, when the node starts.</summary>
internal sealed record NodeParts(
    NodeSeams Seams,
    NodeOptions Options,
    HandlerTable Handlers,
    NodeEventBus Events,
    IPeerStore Peers,
    ResourceManager Limits,
    IUpgrader Upgrader,
    IReadOnlyList<ITransport> Transports,
    IDnsResolver Resolver,
    IReadOnlyList<IConnectionGater> Gaters,
    PeerId Self,
    ISignatureVerifier Verifier,
    CryptoEngine Crypto,
    ILoggerFactory Logging)
{
    public OutboundGates Gates { get; } = new();

    public InboundGates InboundGates { get; } = new();

    /// <summary>Long-lived streams to peers.</summary>
    public OwnedWork Keeping { get; } = new();

    public required AccessPolicies Access { get; init; }

    public required NodeTelemetry Telemetry { get; init; }

    /// <summary>What the runtime counts and traces; ends with the node.</summary>
    public required NodeInstruments Instruments { get; init; }

    /// <summary>Protects a peer in the peer store until the lease is disposed of: one that fails protects nothing. Never throws.</summary>
    public IDisposable? Protect(PeerId peer)
    {
        try
        {
            return Peers.Protect(peer);
        }
        catch (Exception e) // third-party stores may throw anything, and neither a connection nor a lease depends on it
        {
            ConnectionLog.NotProtected(Logging.CreateLogger<IPeerStore>(), peer, e);
            return null;
        }
    }

    /// <summary>Whether all gaters allow it. One that fails has not.</summary>
    public bool Allows(Func<IConnectionGater, bool> question)
    {
        try
        {
            return Gaters.All(question);
        }
        catch (Exception e) // a gater is anybody's, and whoever asks holds a lease
        {
            ConnectionLog.GaterFailed(Logging.CreateLogger<IConnectionGater>(), e);
            return false;
        }
    }
}
