using System.Text.Json.Nodes;
using Libp2p.Interop.Peers;

namespace Libp2p.Benchmarks.Peers;

/// <summary>An implementation that is measured against itself: one process listens, one dials.</summary>
internal sealed class Contender(PeerProgram program)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public string Name => program.Name;

    /// <summary>All that was measured: one dictionary a round.</summary>
    public List<IReadOnlyDictionary<string, Result>> Rounds { get; } = [];

    /// <summary>One of the programs of the interop tests, or <c>name=command</c> for any peer of the contract.</summary>
    public static Contender Parse(string text)
    {
        string[] parts = text.Split('=', 2);
        if (parts.Length == 1)
        {
            return new Contender(PeerProgram.Named(text));
        }

        string[] command = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string needed = command.LastOrDefault(word => word.Contains('/', StringComparison.Ordinal)) ?? command[0];
        return new Contender(new PeerProgram(parts[0], command[0], command[1..], needed, "give another command"));
    }

    /// <summary>Runs everything once.</summary>
    public async Task RunAsync(double warm, double seconds, bool pinned, Func<string, bool> wants)
    {
        Dictionary<string, Result> results = [];
        await WithPairAsync(pinned, async (listener, dialer) =>
        {
            foreach ((string name, string action, Func<double, (string, JsonNode?)[]> arguments) in Measure.Actions)
            {
                if (wants(name))
                {
                    await dialer.AskAsync(action, [("peer", listener.Address), .. arguments(warm)]);
                    TimeSpan before = listener.ProcessorTime + dialer.ProcessorTime;
                    PeerEvent reply = await dialer.AskAsync(action, [("peer", listener.Address), .. arguments(seconds)]);
                    results[name] = Report(name, reply, listener.ProcessorTime + dialer.ProcessorTime - before);
                }
            }
        });
        if (wants("idle"))
        {
            await WithPairAsync(pinned, (listener, dialer) => HoldAsync(listener, dialer, results));
        }

        Rounds.Add(results);
    }

    /// <summary>The median over the rounds; null where this peer cannot.</summary>
    public double? Median(Measure measure)
    {
        double[] values = [.. Rounds.Select(measure.Of).OfType<double>().Order()];
        return values.Length == 0 ? null : values[values.Length / 2];
    }

    /// <summary>A few connections first: what is made once is not a connection's.</summary>
    private async Task HoldAsync(PeerProcess listener, PeerProcess dialer, Dictionary<string, Result> results)
    {
        await dialer.AskAsync("bench-idle", ("peer", listener.Address), ("count", 20));
        results["mem before"] = Report("mem", await listener.AskAsync("mem"));
        Report("idle", await dialer.AskAsync("bench-idle", ("peer", listener.Address), ("count", Measure.Idle)));
        results["mem after"] = Report("mem", await listener.AskAsync("mem"));
    }

    private async Task WithPairAsync(bool pinned, Func<PeerProcess, PeerProcess, Task> measure)
    {
        await using PeerProcess listener = await PeerProcess.ListenAsync(On(core: 0, pinned));
        await using PeerProcess dialer = await PeerProcess.ListenAsync(On(core: 1, pinned));
        listener.Waits = dialer.Waits = s_patience;
        await measure(listener, dialer);
    }

    private PeerProgram On(int core, bool pinned) =>
        pinned ? program with { File = "taskset", Arguments = ["-c", $"{core}", program.File, .. program.Arguments] } : program;

    private Result Report(string name, PeerEvent reply, TimeSpan processorTime = default)
    {
        Console.Error.WriteLine($"{Name} {name}: {processorTime.TotalSeconds} s of processor time, {reply}");
        return new Result(reply, processorTime);
    }
}
