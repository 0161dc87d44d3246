using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>
/// Something is given up, or a node ends, behind the k-th step of what is going on, for all k until it is over: it ends with a typed
/// error and leaves nothing.
/// </summary>
[Collection(nameof(Alone))]
public sealed class CancellationSweepTests
{
    public static TheoryData<Act, Cut> Cases()
    {
        TheoryData<Act, Cut> all = [];
        foreach (Act act in Enum.GetValues<Act>())
        {
            foreach (Cut cut in Enum.GetValues<Cut>())
            {
                all.Add(act, cut);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Cut_short_behind_any_step_it_leaves_nothing(Act act, Cut cut)
    {
        int steps = 0;
        while (!Play(act, cut, steps, seed: 0)) // in order: each step further on than the one before
        {
            Assert.InRange(++steps, 0, 1000);
        }

        Assert.InRange(steps, 1, 1000);
        for (ulong seed = 1; seed <= 40; seed++) // and wherever chance leads
        {
            Play(act, cut, (int)(seed * (ulong)steps / 40), seed);
        }
    }

    /// <returns>Whether the act was over before it was cut.</returns>
    private static bool Play(Act act, Cut cut, int steps, ulong seed)
    {
        SimulationRun run = new(seed);
        using ArrayPoolWatch arrays = ArrayPoolWatch.Start(thisThread: true);
        bool wasOver = run.Run(() => PlayAsync(run, act, cut, steps));
        Assert.True(arrays.Count == 0, $"{act}, {cut} after {steps} steps, seed {seed}: {string.Join(Environment.NewLine, arrays.Left)}");
        Assert.Equal(0, run.Time.PendingTimerCount);
        return wasOver;
    }

    private static async Task<bool> PlayAsync(SimulationRun run, Act act, Cut cut, int steps)
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()).Time(time));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Time(time));
        Ledger ledger = new(alice, bob) { Time = time };
        LedgerBalance baseline = ledger.Read();
        IPeerConnection? connection = act == Act.Dial ? null : await alice.ConnectAsync(bob.Addresses[0]);
        using CancellationTokenSource source = new();

        Task acting = run.Start("act", () => ActAsync(act, alice, bob, connection, source.Token));
        for (int i = 0; i < steps && !acting.IsCompleted; i++)
        {
            await Task.Yield();
        }

        bool wasOver = acting.IsCompleted;
        Task cutting = CutAsync(cut, alice, bob, source);
        await EndAsync(acting);
        await cutting;
        foreach (IPeerConnection open in alice.Connections)
        {
            await EndAsync(open.CloseAsync().AsTask());
        }

        await Task.Delay(TimeSpan.FromSeconds(60), run.Time); // what is lost on the way costs the other end its patience
        if (cut == Cut.Token)
        {
            ledger.MustBeAt(baseline);
        }

        await alice.DisposeAsync();
        await bob.DisposeAsync();
        new Ledger(alice, bob) { Time = time }.MustBeAt(new LedgerBalance(new Dictionary<string, long>()));
        return wasOver;
    }

    private static async Task ActAsync(Act act, Libp2pNode alice, Libp2pNode bob, IPeerConnection? connection, CancellationToken token)
    {
        switch (act)
        {
            case Act.Dial:
                await alice.ConnectAsync(Multiaddress.Parse("/memory/1").WithPeer(bob.PeerId), token); // of a node that has ended, too
                break;
            case Act.Negotiate:
                await using (P2PStream stream = await connection!.OpenStreamAsync(new StreamRequest(["/say/1.0.0/say"]), token))
                {
                }

                break;
            case Act.Call:
                Assert.StartsWith("hello", await connection!.Client(ISay.Protocol).SayAsync("hello", token), StringComparison.Ordinal);
                break;
            case Act.Close:
                await connection!.CloseAsync(token);
                break;
        }
    }

    private static async Task CutAsync(Cut cut, Libp2pNode alice, Libp2pNode bob, CancellationTokenSource source)
    {
        if (cut == Cut.Token)
        {
            source.Cancel();
        }
        else
        {
            await (cut == Cut.OurNode ? alice : bob).DisposeAsync();
        }
    }

    /// <summary>It may succeed, be cancelled or fail in a typed way; nothing else.</summary>
    private static async Task EndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is Libp2pException or OperationCanceledException or ObjectDisposedException)
        {
            // Which one is other tests' affair.
        }
    }

    public enum Act
    {
        Dial,
        Negotiate,
        Call,
        Close,
    }

    public enum Cut
    {
        Token,
        OurNode,
        TheirNode,
    }
}
