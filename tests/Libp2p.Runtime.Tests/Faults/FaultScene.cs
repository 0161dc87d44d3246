using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Telemetry;
using Libp2p.Tests.Host;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>
/// A node that does everything right and one whose links fail, in virtual time: connect, call, close. At the end the right one holds
/// what it held before, without having been disposed of.
/// </summary>
internal sealed class FaultScene(SimulationRun run, Fault? fault, bool faultyDials)
{
    // A connection that has gone silent: 30 s until it is looked at, 30 s in which nothing came, 10 s for a pong, 5 s for the close.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(80);

    private readonly CountingTime _time = new(run.Time);
    private IReadOnlyList<(int Id, string Text)> _told = [];

    /// <summary>What the one who dialled ended with; null: all went well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>How long dial, call and close took together.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>Why the listener gave inbound connections up.</summary>
    public IReadOnlyList<string> Refusals => [.. _told.Where(told => told.Id == 1003).Select(told => told.Text)];

    /// <summary>Whether the right node had an open connection.</summary>
    public bool WasConnected => _told.Any(told => told.Id == 1000);

    /// <summary>Whether the fault happened.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Where each flush of the faulty end ended.</summary>
    public IReadOnlyList<long> Flushes { get; private set; } = [];

    /// <summary>Plays it in a run of its own.</summary>
    public static FaultScene Play(Fault? fault, bool faultyDials)
    {
        SimulationRun run = new(1);
        FaultScene scene = new(run, fault, faultyDials);
        using ArrayPoolWatch arrays = ArrayPoolWatch.Start(thisThread: true);
        run.Run(scene.PlayAsync);
        Assert.True(arrays.Count == 0, $"{fault}: pooled arrays are left: {string.Join(Environment.NewLine, arrays.Left)}");
        return scene;
    }

    private async Task PlayAsync()
    {
        MemoryNetwork network = new();
        using LogProbe log = new();
        FaultyTransport failing = new(new MemoryTransport(network, run.Scheduler), fault);
        Libp2pNode right = await StartAsync("right", new MemoryTransport(network, run.Scheduler), "/memory/1", node => node.Time(_time).Logging(log));
        Libp2pNode faulty = await StartAsync("faulty", failing, "/memory/2");
        Ledger ledger = new(right) { Time = _time };
        LedgerBalance baseline = ledger.Read();

        TimeSpan started = run.Time.Elapsed;
        await (faultyDials ? TalkAsync(faulty, right) : TalkAsync(right, faulty));
        Took = run.Time.Elapsed - started;
        await Task.Delay(s_longest, run.Time);

        _told = log.Events;
        HasFailed = failing.Links.Any(link => link.HasFailed);
        Flushes = failing.Links[0].Flushes;
        ledger.MustBeAt(baseline);
        await right.DisposeAsync();
        await faulty.DisposeAsync();
        foreach (FaultyLink link in failing.Links)
        {
            await link.ClearAsync();
        }

        Assert.Equal(0, _time.Timers);
    }

    private async Task TalkAsync(Libp2pNode from, Libp2pNode to)
    {
        try
        {
            IPeerConnection connection = await from.ConnectAsync(to.Addresses[0]);
            Assert.Equal("hello, /say/1.1.0/say", await connection.Client(ISay.Protocol).SayAsync("hello"));
            await connection.CloseAsync();
        }
        catch (Libp2pException e) // anything else is an error that is not typed
        {
            Failure = e;
        }
    }

    private async Task<Libp2pNode> StartAsync(string name, ILinkTransport transport, string address, Action<NodeBuilder>? configure = null)
    {
        NodeSeams seams = run.Node(name);
        return await Libp2pNode.StartAsync(node =>
        {
            node.Seams(seams).Identity(PrivateKey.GenerateEd25519(seams.Random, CryptoEngine.Default)).WithoutDefaultTransports().Transport(_ => transport);
            node.Listen(address).Handle(ISay.Protocol, new Said());
            configure?.Invoke(node);
        });
    }
}
