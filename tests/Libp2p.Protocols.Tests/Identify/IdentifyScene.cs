using Libp2p.Crypto;
using Libp2p.Protocols.Identify;
using Libp2p.Scheduling;
using Libp2p.Simulation;
using Libp2p.TestKit.Connections;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>Nodes with identify, in virtual time.</summary>
internal static class IdentifyScene
{
    /// <summary>Changes are gathered for a second.</summary>
    public static readonly IdentifyOptions Options = new() { PushDelay = TimeSpan.FromSeconds(1), PushInterval = TimeSpan.FromSeconds(5) };

    /// <summary>Starts a node, whose peers seem to be at an address; null: in memory, as they are.</summary>
    public static Task<Libp2pNode> StartAsync(
        SimulationRun run, string name, MemoryNetwork network, Action<NodeBuilder>? configure = null, string? at = null)
    {
        NodeSeams seams = run.Node(name);
        ILinkTransport memory = new MemoryTransport(network, seams.Scheduler);
        return Libp2pNode.StartAsync(node =>
        {
            node.Seams(seams).Identity(PrivateKey.GenerateEd25519(seams.Random, CryptoEngine.Default));
            node.WithoutDefaultTransports().Transport(_ => at is null ? memory : new PlacedTransport(memory, () => Multiaddress.Parse(at)));
            configure?.Invoke(node);
            node.Use(new IdentifyService(Options));
        });
    }
}
