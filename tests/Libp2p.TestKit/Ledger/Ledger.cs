using Libp2p.Node.State;
namespace Libp2p.TestKit.Accounts;

/// <summary>
/// Counts what nodes and process hold - connections, streams, memory, tasks, dials, timers, pooled arrays, file descriptors - so that a
/// test can compare it with what they held before.
/// </summary>
/// <param name="nodes">Whose leases and tasks are counted.</param>
public sealed class Ledger(params Libp2pNode[] nodes)
{
    /// <summary>The nodes' clock, if its timers count.</summary>
    public CountingTime? Time { get; init; }

    /// <summary>The shared pool, if its arrays count.</summary>
    public ArrayPoolWatch? Arrays { get; init; }

    /// <summary>Whether file descriptors of the process count.</summary>
    public bool Files { get; init; }

    /// <summary>What is held now.</summary>
    public LedgerBalance Read()
    {
        Dictionary<string, long> held = [];
        for (int i = 0; i < nodes.Length; i++)
        {
            Read(held, $"node {i}: ", nodes[i]);
        }

        held["timers"] = Time?.Timers ?? 0;
        held["pooled arrays"] = Arrays?.Count ?? 0;
        foreach ((string kind, int count) in Files ? FileDescriptors.Count() : new Dictionary<string, int>())
        {
            held[$"file descriptors: {kind}"] = count;
        }

        return new LedgerBalance(held);
    }

    /// <summary>Waits until no more is held than at the baseline; after ten seconds fails and names what is left.</summary>
    public async Task ReturnsToAsync(LedgerBalance baseline)
    {
        long started = Environment.TickCount64;
        while (Read().Over(baseline) is { Count: > 0 } left)
        {
            Assert.True(Environment.TickCount64 - started < 10_000, Describe(left));
            await Task.Delay(1);
        }
    }

    /// <summary>Fails, and names what is left, if more is held than at the baseline.</summary>
    public void MustBeAt(LedgerBalance baseline)
    {
        IReadOnlyList<string> left = Read().Over(baseline);
        Assert.True(left.Count == 0, Describe(left));
    }

    private static void Read(Dictionary<string, long> held, string of, Libp2pNode node)
    {
        NodeState state = node.GetState();
        held[of + "bytes of memory"] = state.Usage.Memory;
        held[of + "inbound connections"] = state.Usage.InboundConnections;
        held[of + "outbound connections"] = state.Usage.OutboundConnections;
        held[of + "inbound streams"] = state.Usage.InboundStreams;
        held[of + "outbound streams"] = state.Usage.OutboundStreams;
        held[of + "connections in the making"] = state.Pending.Count;
        held[of + "open connections"] = state.Connections.Count;
        held[of + "streams of the muxers"] = state.Connections.Sum(connection => connection.Streams.Count);
        held[of + "dials"] = state.Dials.Count;
        held[of + "gates"] = state.Gates.Count;
        held[of + "tasks"] = node.RunningTasks;
    }

    private string Describe(IReadOnlyList<string> left) =>
        string.Join(Environment.NewLine, ["The ledger is not back at its baseline:", .. left, .. (Arrays?.Left ?? []).Take(20)]);
}

/// <summary>What was held at one moment.</summary>
/// <param name="held">How much of each.</param>
public sealed class LedgerBalance(IReadOnlyDictionary<string, long> held)
{
    private readonly IReadOnlyDictionary<string, long> _held = held;

    /// <summary>What there is more of than at the baseline, a line each.</summary>
    public IReadOnlyList<string> Over(LedgerBalance baseline) =>
    [
        .. _held.Where(entry => entry.Value > baseline._held.GetValueOrDefault(entry.Key))
            .Select(entry => $"{entry.Key}: {entry.Value}, {baseline._held.GetValueOrDefault(entry.Key)} before"),
    ];
}
