using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;

namespace Libp2p.Peer.Actions;

/// <summary>Pings, echoes and raw streams.</summary>
internal static class StreamActions
{
    /// <summary>Bytes shown of what a stream brought; the rest is in its length and hash.</summary>
    private const int Shown = 4096;

    public static async Task<JsonObject> PingAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        IPing ping = (await ConnectionActions.ConnectAsync(node, arguments, cancellationToken)).Client(IPing.Protocol);
        List<double> rtts = [];
        for (int i = 0; i < arguments.Int("count", 3); i++)
        {
            rtts.Add((await ping.PingAsync(CryptoRandomSource.Instance, TimeProvider.System, cancellationToken)).TotalMilliseconds);
        }

        return new JsonObject { ["rtts"] = JsonLines.ToNode(rtts) };
    }

    public static async Task<JsonObject> EchoAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        byte[] sent = arguments.Payload(1000);
        IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken);
        await using P2PStream stream = arguments.Text("protocol") is { } protocol
            ? await connection.OpenStreamAsync([new ProtocolId(protocol)], cancellationToken)
            : await connection.Client(PeerProtocols.Echo).OpenEchoAsync(cancellationToken);
        Task<byte[]> receiving = RawStreams.ReadToEndAsync(stream.Input, cancellationToken);
        await RawStreams.WriteAsync(stream.Output, sent, cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
        byte[] received = await receiving;
        return sent.AsSpan().SequenceEqual(received)
            ? new JsonObject { ["size"] = received.Length }
            : throw new InvalidDataException($"echo differs: sent {sent.Length}, received {received.Length} bytes");
    }

    /// <summary>A raw stream: send, half-close (unless no-close) or reset, and collect what comes back.</summary>
    public static async Task<JsonObject> StreamAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        string protocols = arguments.Text("protocol") ?? throw new ArgumentException("stream needs a protocol");
        IPeerConnection connection = await ConnectionActions.ConnectAsync(node, arguments, cancellationToken);
        await using P2PStream stream = await connection.OpenStreamAsync([.. protocols.Split(',').Select(id => new ProtocolId(id))], cancellationToken);
        StreamCollector collector = new();
        Task<string> receiving = collector.ReadAsync(stream, cancellationToken);
        try
        {
            await RawStreams.WriteAsync(stream.Output, arguments.Payload(0), cancellationToken);
            if (arguments.Flag("reset"))
            {
                stream.Reset(new ErrorCode((uint)arguments.Int("code", 0)));
            }
            else if (!arguments.Flag("no-close"))
            {
                await stream.CloseWriteAsync(cancellationToken);
            }
        }
        catch (Libp2pException e) when (e is not ProtocolNotSupportedException)
        {
            // The remote was quicker to reset; the reader tells.
        }

        string end = await receiving;
        byte[] received = collector.Bytes;
        JsonObject result = new()
        {
            ["protocol"] = stream.Protocol.Value,
            ["length"] = received.Length,
            ["hex"] = Convert.ToHexStringLower(received.AsSpan(0, Math.Min(received.Length, Shown))),
            ["text"] = Encoding.UTF8.GetString(received, 0, Math.Min(received.Length, Shown)),
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(received)),
            ["end"] = end,
        };
        if (collector.Reset is { } reset)
        {
            result["resetCode"] = reset.Code.Value;
            result["resetByRemote"] = reset.By == EndedBy.Remote;
        }

        return result;
    }
}
