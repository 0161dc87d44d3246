using System.Text.Json;
using System.Text.Json.Nodes;

namespace Libp2p.Peer.Kit;

/// <summary>
/// The kit: one JSON request a line in, one JSON line out, in order, until the input ends. Bytes are hex; integers that may exceed 2^53
/// are text. README.md beside this file lists the requests.
/// </summary>
internal static class KitCommand
{
    /// <summary>The longest request, in bytes. A longer one gives an error, and the next line is served.</summary>
    public const int MaxLineLength = 1024 * 1024;

    public static async Task<int> RunAsync(Stream input, Stream output)
    {
        BoundedLines lines = new(input, MaxLineLength);

        while (await lines.ReadAsync() is { } line)
        {
            JsonObject answer = line.IsTooLong
                ? KitAnswers.Refuse($"the line is longer than {MaxLineLength} bytes")
                : await KitAnswers.AnswerAsync(line.Bytes);
            await output.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(answer), (byte)'\n']);
            await output.FlushAsync();
        }

        return ExitCode.Success;
    }
}
