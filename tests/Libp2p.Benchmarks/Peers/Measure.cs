using System.Text.Json.Nodes;
using Libp2p.Interop.Peers;

namespace Libp2p.Benchmarks.Peers;

/// <summary>What a peer told, and the processor time that both processes took for it, warming up included.</summary>
internal sealed record Result(PeerEvent Reply, TimeSpan ProcessorTime);

/// <summary>One number of a pair of peers.</summary>
/// <param name="Name">As it stands in the table.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="IsRate">Whether more is better.</param>
/// <param name="Of">Takes it from what the pair measured.</param>
internal sealed record Measure(string Name, string Unit, bool IsRate, Func<IReadOnlyDictionary<string, Result>, double?> Of)
{
    /// <summary>Connections held for the memory of one.</summary>
    public const int Idle = 1000;

    private static readonly int[] s_widths = [1, 32, 128];

    /// <summary>On a busy machine, what is counted by processor time means more than what is counted by the clock.</summary>
    public static readonly IReadOnlyList<Measure> All =
    [
        .. Bulk("up", "uploadBytes"),
        .. Bulk("down", "downloadBytes"),
        .. s_widths.SelectMany(Requests),
        Rate("handshake", "connections made and closed"),
        Effort("handshake", "connections made and closed"),
        new("listener's memory per idle connection", "kB", false, MemoryPerConnection),
    ];

    /// <summary>What the dialer is asked for: the name of the result, the action, and its arguments for a time.</summary>
    public static readonly IReadOnlyList<(string Name, string Action, Func<double, (string, JsonNode?)[]> Arguments)> Actions =
    [
        ("up", "perf", seconds => [("duration", seconds), ("upload", 1)]),
        ("down", "perf", seconds => [("duration", seconds), ("download", 1)]),
        .. s_widths.Select(RequestsAt),
        ("handshake", "bench-handshake", seconds => [("seconds", seconds)]),
    ];

    private static (string, string, Func<double, (string, JsonNode?)[]>) RequestsAt(int width) =>
        ($"rr{width}", "bench-rr", seconds => [("seconds", seconds), ("parallel", width)]);

    private static IEnumerable<Measure> Bulk(string key, string bytes) =>
    [
        new($"bulk {key}", "Mbit/s", true, results => results.GetValueOrDefault(key)?.Reply.Real("mbps")),
        new($"bulk {key}, processor time", "s/GB", false, results =>
            results.GetValueOrDefault(key) is { } result ? result.ProcessorTime.TotalSeconds / result.Reply.Real(bytes) * 1e9 : null),
    ];

    private static IEnumerable<Measure> Requests(int width)
    {
        string key = $"rr{width}", name = $"request and response, {width} at a time";
        return
        [
            Rate(key, name),
            new($"{name}, p50", "ms", false, results => results.GetValueOrDefault(key)?.Reply.Real("ms", "p50")),
            new($"{name}, p99", "ms", false, results => results.GetValueOrDefault(key)?.Reply.Real("ms", "p99")),
            Effort(key, name),
        ];
    }

    private static Measure Rate(string key, string name) =>
        new(name, "/s", true, results => results.GetValueOrDefault(key)?.Reply.Real("perSecond"));

    /// <summary>The second of warming up does not count, but costs: so rate and processor time are each of the whole.</summary>
    private static Measure Effort(string key, string name) => new($"{name}, processor time", "µs each", false, results =>
        results.GetValueOrDefault(key) is { } result && result.Reply.Real("elapsed") is { } elapsed
            ? result.ProcessorTime.TotalMicroseconds / (result.Reply.Real("perSecond") * (elapsed + 1))
            : null);

    private static double? MemoryPerConnection(IReadOnlyDictionary<string, Result> results) =>
        (results.GetValueOrDefault("mem after")?.Reply.Real("rss") - results.GetValueOrDefault("mem before")?.Reply.Real("rss")) / Idle / 1000;
}
