using System.Diagnostics;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Protocols.Perf;

namespace Libp2p.Peer.Actions;

/// <summary>Bulk transfers over <c>/perf/1.0.0</c>.</summary>
internal static class PerfActions
{
    /// <summary>Not a power of two, so that bytes that come twice, or at the wrong place, change a hash.</summary>
    private const int HashedBlock = 65_521;

    /// <summary>Uploads and downloads so many bytes; with a duration they only choose the direction. With hash, the bytes are no zeros.</summary>
    public static async Task<JsonObject> PerfAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        double seconds = arguments.Number("duration", 0);
        ulong upload = arguments.Bytes("upload"), download = arguments.Bytes("download");
        bool hash = arguments.Flag("hash");
        PerfRequest request = new()
        {
            Upload = seconds > 0 && upload > 0 ? ulong.MaxValue : upload,
            Download = seconds > 0 && download > 0 ? PerfRequest.Endless : download,
            Duration = seconds > 0 ? TimeSpan.FromSeconds(seconds) : null,
            Hash = hash,
            Block = hash ? Pattern() : default,
            Progress = new Progress(node.Output).Add,
        };
        IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken);
        PerfResult result = await connection.Client(PeerProtocols.Perf).RunAsync(request, cancellationToken);
        return Describe(result);
    }

    public static JsonObject Describe(PerfResult result)
    {
        JsonObject fields = new()
        {
            ["uploadBytes"] = result.Uploaded,
            ["downloadBytes"] = result.Downloaded,
            ["ms"] = result.Elapsed.TotalMilliseconds,
            ["mbps"] = result.BitsPerSecond / 1e6,
        };
        if (!result.UploadHash.IsEmpty)
        {
            fields["uploadSha256"] = Convert.ToHexStringLower(result.UploadHash.Span);
            fields["downloadSha256"] = Convert.ToHexStringLower(result.DownloadHash.Span);
        }

        return fields;
    }

    private static byte[] Pattern()
    {
        byte[] block = new byte[HashedBlock];
        new Random(7).NextBytes(block);
        return block;
    }

    /// <summary>Tells once a second what went and came.</summary>
    private sealed class Progress(JsonLines output)
    {
        private long _last = Stopwatch.GetTimestamp();
        private long _up, _down;

        public void Add(long up, long down)
        {
            _up += up;
            _down += down;
            double seconds = Stopwatch.GetElapsedTime(_last).TotalSeconds;
            if (seconds >= 1)
            {
                output.Write("perf", ("type", "intermediary"), ("timeSeconds", seconds), ("uploadBytes", _up), ("downloadBytes", _down));
                (_last, _up, _down) = (Stopwatch.GetTimestamp(), 0, 0);
            }
        }
    }
}
