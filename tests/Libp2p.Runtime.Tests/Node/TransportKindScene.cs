using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Simulation;
using Libp2p.TestKit;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>The two kinds of transport.</summary>
public enum TransportKind
{
    /// <summary>Byte links, which the node secures and muxes.</summary>
    Links,

    /// <summary>Connections that are secured and muxed by their transport.</summary>
    Connections,
}

/// <summary>Nodes in simulation that reach each other over one kind of transport.</summary>
internal sealed class TransportKindScene(SimulationRun run, TransportKind kind)
{
    private readonly MemoryNetwork _links = new();
    private readonly SelfSecuringNetwork _secured = new();

    /// <summary>The transports of the second kind, by the node's name.</summary>
    public Dictionary<string, SelfSecuringTransport> Transports { get; } = [];

    public Task<Libp2pNode> StartAsync(string name, Action<NodeBuilder>? configure = null)
    {
        NodeSeams seams = run.Node(name);
        return Libp2pNode.StartAsync(node =>
        {
            node.Seams(seams).Identity(PrivateKey.GenerateEd25519(seams.Random, CryptoEngine.Default)).WithoutDefaultTransports().Handle(BytesHandler.Echo);
            if (kind == TransportKind.Links)
            {
                node.Transport(context => new MemoryTransport(_links, context.Seams.Scheduler)).Listen("/memory/0");
            }
            else
            {
                node.Transport(context => Transports[name] = new SelfSecuringTransport(_secured, context.Identity, context.Verifier, context.Seams))
                    .Listen("/ip4/127.0.0.1/udp/0/quic-v1");
            }

            configure?.Invoke(node);
        });
    }

    /// <summary>Ends nodes, and fails if one of them holds anything then.</summary>
    public static async Task EndAsync(params Libp2pNode[] nodes)
    {
        foreach (Libp2pNode node in nodes)
        {
            await node.DisposeAsync();
        }

        foreach (Libp2pNode node in nodes)
        {
            Assert.Equal((default, 0), (node.GetState().Usage, node.RunningTasks));
        }
    }

    /// <summary>Lets virtual time pass until nothing of a connection is held, and fails if something stays.</summary>
    public async Task HoldsNothingAsync(params Libp2pNode[] nodes)
    {
        for (int i = 0; i < 20 && nodes.Any(node => node.GetState().Usage != default); i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        }

        Assert.All(nodes, node => Assert.Equal(default, node.GetState().Usage));
        Assert.All(nodes, node => Assert.Empty(node.Connections));
    }
}

/// <summary>A gater that counts what it is asked, and refuses one step.</summary>
/// <param name="refused">"dial", "accept", "secured" or "upgraded"; null: none.</param>
internal sealed class CountingGater(string? refused = null) : IConnectionGater
{
    private readonly Dictionary<string, int> _asked = [];

    public int this[string step] => _asked.GetValueOrDefault(step);

    public bool AllowDial(PeerId? peer, Multiaddress address) => Answer("dial");

    public bool AllowAccept(Multiaddress localAddress, Multiaddress remoteAddress) => Answer("accept");

    public bool AllowSecured(Direction direction, PeerId peer, Multiaddress remoteAddress) => Answer("secured");

    public bool AllowUpgraded(Direction direction, UpgradedConnection connection) => Answer("upgraded");

    private bool Answer(string step)
    {
        _asked[step] = this[step] + 1;
        return step != refused;
    }
}
