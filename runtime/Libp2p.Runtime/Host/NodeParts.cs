using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Telemetry;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Hosting;

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

    public bool Allows(Func<IConnectionGater, bool> question) => Gaters.All(question);
}
