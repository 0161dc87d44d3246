using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Libp2p.TestKit;

namespace Libp2p.Peer.Tests.Differential;

/// <summary>The kit of js-libp2p, in a process of its own.</summary>
internal static class JsKit
{
    private static readonly string s_folder = Repository.At("tests/Interop/js");

    /// <summary>Why it cannot be asked here; null when it can.</summary>
    public static string? Absence { get; } =
        File.Exists(Path.Combine(s_folder, "node_modules", "@libp2p", "peer-record", "package.json"))
            || Environment.GetEnvironmentVariable("LIBP2P_REQUIRE_PEERS") == "1"
            ? null
            : "js-libp2p is absent: run npm ci in tests/Interop/js";

    /// <summary>The answers to requests, in their order.</summary>
    public static async Task<IReadOnlyList<JsonObject>> AskAllAsync(IReadOnlyList<JsonObject> requests)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(s_folder, "kit"))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        })!;

        try
        {
            Task asking = AskAsync(process.StandardInput, requests);
            List<JsonObject> answers = [];

            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                answers.Add(JsonNode.Parse(line)!.AsObject());
            }

            await asking;
            await process.WaitForExitAsync();
            Assert.Equal((0, requests.Count), (process.ExitCode, answers.Count));
            return answers;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private static async Task AskAsync(StreamWriter input, IEnumerable<JsonObject> requests)
    {
        foreach (JsonObject request in requests)
        {
            await input.WriteAsync(request.ToJsonString() + "\n");
        }

        input.Close();
    }
}

/// <summary>A test that needs js-libp2p, and is skipped with the reason where that is absent, unless LIBP2P_REQUIRE_PEERS is 1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class JsFactAttribute : FactAttribute
{
    public JsFactAttribute() => Skip = JsKit.Absence!;
}
