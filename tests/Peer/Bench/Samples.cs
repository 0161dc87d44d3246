using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Libp2p.Peer.Bench;

/// <summary>Runs a job over and over, and tells how often and how long.</summary>
internal static class Samples
{
    /// <summary>A second that does not count, then so many that do, <paramref name="width"/> jobs at a time.</summary>
    public static async Task<JsonObject> WarmAndRunAsync(double seconds, int width, Func<Task> job)
    {
        await RunAsync(TimeSpan.FromSeconds(1), width, job);
        return await RunAsync(TimeSpan.FromSeconds(seconds), width, job);
    }

    private static async Task<JsonObject> RunAsync(TimeSpan time, int width, Func<Task> job)
    {
        long start = Stopwatch.GetTimestamp();
        List<double>[] samples = await Task.WhenAll(Enumerable.Range(0, width).Select(_ => WorkAsync(start, time, job)));
        double elapsed = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double[] all = [.. samples.SelectMany(own => own)];
        return new JsonObject { ["perSecond"] = all.Length / elapsed, ["elapsed"] = elapsed, ["ms"] = Describe(all) };
    }

    private static async Task<List<double>> WorkAsync(long start, TimeSpan time, Func<Task> job)
    {
        await Task.Yield();
        List<double> own = [];
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            long began = Stopwatch.GetTimestamp();
            await job();
            own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return own;
    }

    private static JsonObject Describe(double[] samples)
    {
        if (samples.Length == 0)
        {
            return new JsonObject { ["count"] = 0 };
        }

        Array.Sort(samples);
        return new JsonObject
        {
            ["count"] = samples.Length,
            ["mean"] = samples.Average(),
            ["min"] = samples[0],
            ["p50"] = At(0.5),
            ["p90"] = At(0.9),
            ["p99"] = At(0.99),
            ["max"] = samples[^1],
        };

        double At(double quantile) => samples[Math.Min(samples.Length - 1, (int)(quantile * samples.Length))];
    }
}
