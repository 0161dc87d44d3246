using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Libp2p.Benchmarks.Peers;

/// <summary>
/// Our peer and any others of the peer contract, each with itself over TCP, Noise and Yamux, in turns, so that what else the machine
/// does meets all of them. Prints medians, and how ours stands to each other's.
/// </summary>
internal static class PeerBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        Option<string[]> peers = new("--peer") { DefaultValueFactory = _ => ["go", "rust"], AllowMultipleArgumentsPerToken = true, Description = "go, rust, or name=command; the first in the table is always ours" };
        Option<double> seconds = new("--seconds") { DefaultValueFactory = _ => 3, Description = "time of each measurement" };
        Option<double> warm = new("--warm") { DefaultValueFactory = _ => 4, Description = "time that each action runs first, and does not count" };
        Option<int> rounds = new("--rounds") { DefaultValueFactory = _ => 3, Description = "how often all peers take their turn" };
        Option<string[]> only = new("--only") { DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true, Description = "up, down, rr1, rr32, rr128, handshake, idle; without it all" };
        Option<string[]> modes = new("--mode") { DefaultValueFactory = _ => ["pinned", "unpinned"], AllowMultipleArgumentsPerToken = true, Description = "pinned: listener on core 0, dialer on core 1" };
        RootCommand command = new("Benchmarks of peers, each with itself.") { peers, seconds, warm, rounds, only, modes };
        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count > 0 || parsed.Action is not null)
        {
            return await parsed.InvokeAsync();
        }

        string[] wanted = parsed.GetValue(only)!;
        foreach (string mode in parsed.GetValue(modes)!)
        {
            Contender[] contenders = [Contender.Parse("ours"), .. parsed.GetValue(peers)!.Select(Contender.Parse)];
            for (int round = 0; round < parsed.GetValue(rounds); round++)
            {
                foreach (Contender contender in contenders)
                {
                    await contender.RunAsync(parsed.GetValue(warm), parsed.GetValue(seconds), mode == "pinned", name => wanted.Length == 0 || wanted.Contains(name));
                }
            }

            Console.WriteLine($"\n{mode}, medians of {parsed.GetValue(rounds)} rounds of {parsed.GetValue(seconds)} s after {parsed.GetValue(warm)} s that did not count\n\n{Table(contenders)}");
        }

        return 0;
    }

    private static string Table(Contender[] contenders)
    {
        StringBuilder table = new("| measure | unit |");
        table.AppendJoin("|", contenders.Select(one => $" {one.Name} ")).Append('|');
        table.AppendJoin("|", contenders.Skip(1).Select(other => $" ours : {other.Name} ")).Append("|\n|---|---|");
        table.Insert(table.Length, "---:|", (2 * contenders.Length) - 1).Append('\n');
        foreach (Measure measure in Measure.All.Where(measure => contenders.Any(one => one.Median(measure) is not null)))
        {
            double?[] medians = [.. contenders.Select(one => one.Median(measure))];
            table.Append(CultureInfo.InvariantCulture, $"| {measure.Name} | {measure.Unit} |").AppendJoin("|", medians.Select(median => $" {Number(median)} ")).Append('|');
            table.AppendJoin("|", medians.Skip(1).Select(other => $" {Ratio(medians[0], other, measure.IsRate)} ")).Append("|\n");
        }

        return table.ToString();
    }

    private static string Number(double? value) =>
        value?.ToString(value < 10 ? "0.00" : value < 100 ? "0.0" : "#,0", CultureInfo.InvariantCulture) ?? "cannot";

    /// <summary>Above one: ours is better, whichever way the measure counts.</summary>
    private static string Ratio(double? ours, double? other, bool isRate) =>
        ours is not { } one || other is not { } two || one == 0 || two == 0 ? "" : (isRate ? one / two : two / one).ToString("0.00", CultureInfo.InvariantCulture);
}
