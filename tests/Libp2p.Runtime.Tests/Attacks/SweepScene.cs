using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Attacks;

/// <summary>Two nodes in virtual time, of which one serves every shape, and their ledger.</summary>
internal sealed class SweepScene : IAsyncDisposable
{
    private readonly SimulationRun _run;
    private readonly Libp2pNode _alice;
    private readonly Libp2pNode _bob;
    private readonly CountingTime _time;
    private readonly LedgerBalance _baseline;

    private SweepScene(SimulationRun run, Libp2pNode alice, Libp2pNode bob, CountingTime time, IPeerConnection connection)
    {
        (_run, _alice, _bob, _time, Connection) = (run, alice, bob, time, connection);
        _baseline = Ledger.Read();
    }

    /// <summary>At which of its steps the handler throws, of those that are still to come; below zero: it has.</summary>
    public int ThrowsAt { get; set; } = int.MaxValue;

    /// <summary>As the caller has it.</summary>
    public IPeerConnection Connection { get; private set; }

    /// <summary>As the responder has it.</summary>
    public IPeerConnection TheirConnection => _bob.Connections[0];

    private Ledger Ledger => new(_alice, _bob) { Time = _time };

    public static async Task<SweepScene> StartAsync(SimulationRun run)
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        SweepScene? scene = null;
        Parcels parcels = new(() => scene!.StepAsync());
        Libp2pNode bob = await SimulatedNodesTests.StartAsync(run, "bob", network, node => node
            .Listen("/memory/1").Time(time)
            .Handle(IParcels.Protocol, parcels).Handle(IKinds.Protocol, parcels).Handle(IWrapped.Protocol, parcels).Handle(IRepeated.Protocol, parcels));
        Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Time(time));
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        return scene = new SweepScene(run, alice, bob, time, connection);
    }

    /// <summary>A call by the rules that takes no time.</summary>
    public Call Call(CancellationToken token) => new(Connection, new Parcel(), null, token);

    /// <summary>Calls, and cuts the call behind so many steps.</summary>
    public async Task<Cut> CutAsync(Shape shape, int steps, Func<Task> cut, CancellationToken token = default)
    {
        Task<Exception?> calling = CallAsync(shape, token);
        for (int i = 0; i < Math.Min(steps, 1000) && !calling.IsCompleted; i++)
        {
            await Task.Yield();
        }

        bool wasOver = calling.IsCompleted;
        await cut();
        return new Cut(await calling, wasOver);
    }

    /// <summary>Lets everything happen that is about to.</summary>
    public Task SettleAsync() => Task.Delay(TimeSpan.FromSeconds(1), _run.Time);

    /// <summary>Nothing is left of what was cut; the next one succeeds, over another connection if this one was cut too.</summary>
    public async Task RestoreAsync(string when)
    {
        if (Connection.Completion.IsCompleted)
        {
            Assert.Empty(_bob.Connections);
            Connection = await _alice.ConnectAsync(_bob.Addresses[0]);
            await SettleAsync();
        }

        IReadOnlyList<string> left = Ledger.Read().Over(_baseline);
        Assert.True(left.Count == 0, $"{when}: {string.Join("; ", left)}");
    }

    /// <summary>Each shape is served, and at the end nothing is held.</summary>
    public async Task EndAsync()
    {
        foreach (Shape shape in Shapes.All)
        {
            await shape.CallAsync(Call(default)); // each place is free
            await SettleAsync(); // and again when the responder is done too
        }

        await DisposeAsync();
        new Ledger(_alice, _bob) { Time = _time }.MustBeAt(new LedgerBalance(new Dictionary<string, long>()));
    }

    public async ValueTask DisposeAsync()
    {
        await _alice.DisposeAsync();
        await _bob.DisposeAsync();
    }

    private async Task<Exception?> CallAsync(Shape shape, CancellationToken token)
    {
        try
        {
            await shape.CallAsync(Call(token));
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task StepAsync()
    {
        await Task.Yield();
        if (ThrowsAt != int.MaxValue && ThrowsAt-- == 0)
        {
            throw new InvalidOperationException("The handler fails");
        }
    }
}
