using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Simulation;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Host;

/// <summary>Alice, who dials over a scripted transport, and Bob, who listens on /memory/1: in virtual time.</summary>
internal sealed class DialNet(SimulationRun run, MemoryNetwork network, MemoryTransport memory, ScriptedTransport transport)
{
    /// <summary>Addresses for <see cref="Transport"/>.</summary>
    public static readonly string[] Addresses = [.. Enumerable.Range(1, 20).Select(i => $"/ip4/10.0.0.{i}/tcp/1")];

    private readonly long _started = run.Time.GetTimestamp();

    public SimulationRun Run { get; } = run;

    public MemoryTransport Memory { get; } = memory;

    public ScriptedTransport Transport { get; } = transport;

    public FakeNames Names { get; } = new();

    public Libp2pNode Alice { get; private set; } = null!;

    public Libp2pNode Bob { get; private set; } = null!;

    public TimeSpan Elapsed => Run.Time.GetElapsedTime(_started);

    public static void Replay(ulong seed, Func<DialNet, Task> scenario, NodeOptions? options = null) => SimulationRun.Replay(seed, async run =>
    {
        DialNet net = await StartAsync(run, options ?? new NodeOptions());
        await scenario(net);
        await net.Alice.DisposeAsync();
        await net.Bob.DisposeAsync();
        Assert.Equal(default, net.Alice.GetState().Usage);
        Assert.Equal(default, net.Bob.GetState().Usage);
    });

    public static async Task<DialNet> StartAsync(SimulationRun run, NodeOptions options)
    {
        MemoryNetwork network = new();
        MemoryTransport memory = new(network, run.Scheduler);
        DialNet net = new(run, network, memory, new ScriptedTransport(run, memory));
        net.Bob = await net.StartAsync("bob", node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()));
        NodeSeams seams = run.Node("alice");
        net.Alice = await Libp2pNode.StartAsync(node => node.Seams(seams)
            .Identity(PrivateKey.GenerateEd25519(seams.Random, CryptoEngine.Default))
            .WithoutDefaultTransports()
            .Transport(_ => net.Transport)
            .Dns(net.Names)
            .Handle(ISay.Protocol, new Said())
            .Options(options));
        return net;
    }

    public Task<Libp2pNode> StartAsync(string name, Action<NodeBuilder> configure) => SimulatedNodesTests.StartAsync(Run, name, network, configure);

    public Task<IPeerConnection> DialAsync(
        string[] addresses, PeerId? peer = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default) => Alice.ConnectAsync(
        new DialRequest
        {
            ExpectedPeer = ExpectedPeer.Exactly(peer ?? Bob.PeerId),
            Addresses = [.. addresses.Select(Multiaddress.Parse)],
            Timeout = timeout,
        },
        cancellationToken).AsTask();

    /// <summary>Waits until attempts that lost are gone, and checks what is left.</summary>
    public async Task SettledAsync(int connections)
    {
        await Task.Delay(TimeSpan.FromSeconds(1), Run.Time);
        Assert.Equal(0, Transport.Active);
        Assert.Equal(connections, Alice.Connections.Count);
        Assert.Equal(connections, Alice.GetState().Usage.OutboundConnections);
        Assert.Equal(connections, Bob.GetState().Usage.InboundConnections);
    }
}
