using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.Peer;

/// <summary>What the peer can be asked to do, from <c>--do</c> or from stdin. A result is an object with <c>ok</c>.</summary>
internal static class PeerActions
{
    private static readonly Dictionary<string, Func<PeerNode, Arguments, CancellationToken, Task<JsonObject>>> s_actions = new()
    {
        ["dial"] = DialAsync,
        ["hangup"] = HangUpAsync,
        ["ping"] = PingAsync,
        ["echo"] = EchoAsync,
        ["stream"] = StreamAsync,
        ["sleep"] = SleepAsync,
        ["connections"] = (node, _, _) => Task.FromResult(new JsonObject { ["connections"] = JsonLines.ToNode(node.Node.Connections.Select(PeerNode.Describe)) }),
        ["addrs"] = (node, _, _) => Task.FromResult(new JsonObject { ["peerId"] = node.Node.PeerId.ToString(), ["addrs"] = JsonLines.ToNode(node.Addresses) }),
        ["protocols"] = (node, _, _) => Task.FromResult(new JsonObject { ["protocols"] = JsonLines.ToNode(node.Protocols) }),
        ["state"] = (node, _, _) => Task.FromResult(new JsonObject { ["state"] = node.Node.GetState().ToString() }),
        ["mem"] = (_, _, _) => Task.FromResult(Memory()),
    };

    public static void EnsureKnown(string action)
    {
        if (!s_actions.ContainsKey(action))
        {
            throw new UnsupportedException(action);
        }
    }

    public static async Task<JsonObject> PerformAsync(PeerNode node, string action, JsonObject fields)
    {
        Arguments arguments = new(fields);
        using CancellationTokenSource patience = new(TimeSpan.FromMilliseconds(arguments.Int("timeout", 30_000)));
        try
        {
            EnsureKnown(action);
            JsonObject result = await s_actions[action](node, arguments, patience.Token);
            result.Insert(0, "ok", true);
            return result;
        }
        catch (UnsupportedException e)
        {
            return new JsonObject { ["ok"] = false, ["error"] = e.Message, ["unsupported"] = e.What };
        }
        catch (Exception e) // whatever went wrong is the answer
        {
            return new JsonObject { ["ok"] = false, ["error"] = patience.IsCancellationRequested ? $"timed out: {e.Message}" : e.Message, ["name"] = e.GetType().Name };
        }
    }

    private static async Task<JsonObject> DialAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        TimeProvider time = TimeProvider.System;
        long start = time.GetTimestamp();
        JsonObject result = PeerNode.Describe(await ConnectAsync(node, arguments, cancellationToken));
        result["ms"] = time.GetElapsedTime(start).TotalMilliseconds;
        return result;
    }

    private static async Task<JsonObject> HangUpAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        PeerId peer = arguments.Peer;
        foreach (IPeerConnection connection in node.Node.Connections.Where(connection => connection.RemotePeer == peer))
        {
            await connection.CloseAsync(cancellationToken);
        }

        return [];
    }

    private static async Task<JsonObject> PingAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        IPing ping = (await ConnectAsync(node, arguments, cancellationToken)).Client(IPing.Protocol);
        List<double> rtts = [];
        for (int i = 0; i < arguments.Int("count", 3); i++)
        {
            rtts.Add((await ping.PingAsync(CryptoRandomSource.Instance, TimeProvider.System, cancellationToken)).TotalMilliseconds);
        }

        return new JsonObject { ["rtts"] = JsonLines.ToNode(rtts) };
    }

    private static async Task<JsonObject> EchoAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        byte[] sent = arguments.Payload(1000);
        IPeerConnection connection = await ConnectAsync(node, arguments, cancellationToken);
        await using P2PStream stream = arguments.Text("protocol") is { } protocol
            ? await connection.OpenStreamAsync(new StreamRequest([protocol]), cancellationToken)
            : await connection.Client(IEcho.Protocol).OpenEchoAsync(cancellationToken);
        Task<byte[]> receiving = RawStreams.ReadToEndAsync(stream.Input, cancellationToken);
        await RawStreams.WriteAsync(stream.Output, sent, cancellationToken);
        await stream.CloseWriteAsync(cancellationToken);
        byte[] received = await receiving;
        return sent.AsSpan().SequenceEqual(received)
            ? new JsonObject { ["size"] = received.Length }
            : throw new InvalidDataException($"echo differs: sent {sent.Length}, received {received.Length} bytes");
    }

    /// <summary>A raw stream: send, half-close (unless no-close) or reset, and collect what comes back.</summary>
    private static async Task<JsonObject> StreamAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        string protocols = arguments.Text("protocol") ?? throw new ArgumentException("stream needs a protocol");
        IPeerConnection connection = await ConnectAsync(node, arguments, cancellationToken);
        StreamRequest request = new([.. protocols.Split(',').Select(id => new ProtocolId(id))]);
        await using P2PStream stream = await connection.OpenStreamAsync(request, cancellationToken);
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
        catch (Libp2pException)
        {
            // The remote was quicker to reset; the reader tells.
        }

        string end = await receiving;
        byte[] received = collector.Bytes;
        return new JsonObject
        {
            ["protocol"] = stream.Protocol.Value,
            ["length"] = received.Length,
            ["hex"] = Convert.ToHexStringLower(received.AsSpan(0, Math.Min(received.Length, 4096))),
            ["text"] = Encoding.UTF8.GetString(received, 0, Math.Min(received.Length, 4096)),
            ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(received)),
            ["end"] = end,
        };
    }

    private static async Task<JsonObject> SleepAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken)
    {
        await Task.Delay(arguments.Int("ms", 1000), cancellationToken);
        return [];
    }

    private static JsonObject Memory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return new JsonObject
        {
            ["rss"] = Environment.WorkingSet,
            ["heapUsed"] = GC.GetTotalMemory(forceFullCollection: true),
            ["gc"] = true,
        };
    }

    private static ValueTask<IPeerConnection> ConnectAsync(PeerNode node, Arguments arguments, CancellationToken cancellationToken) =>
        node.Node.ConnectAsync(
            new DialRequest
            {
                ExpectedPeer = ExpectedPeer.Exactly(arguments.Peer),
                Addresses = arguments.Addresses,
                ForceNew = arguments.Flag("force"),
                Timeout = TimeSpan.FromMilliseconds(arguments.Int("timeout", 30_000)),
            },
            cancellationToken);
}

/// <summary>The arguments of an action: JSON fields, or the command line's texts.</summary>
internal sealed class Arguments(JsonObject fields)
{
    /// <summary>Of a multiaddr, several (comma separated), or a peer id.</summary>
    public PeerId Peer
    {
        get
        {
            string text = Text("peer") ?? throw new ArgumentException("this action needs a peer");
            return text.StartsWith('/')
                ? Addresses[0].Peer ?? throw new ArgumentException($"{text} names no peer")
                : PeerId.Parse(text);
        }
    }

    public IReadOnlyList<Multiaddress> Addresses => Text("peer") is { } text && text.StartsWith('/')
        ? [.. text.Split(',').Select(Multiaddress.Parse)]
        : [];

    public string? Text(string name) => fields[name]?.ToString();

    public int Int(string name, int otherwise) => Text(name) is { } text ? (int)double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    public bool Flag(string name) => fields[name] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    /// <summary>hex, data, or size random bytes.</summary>
    public byte[] Payload(int size) => Text("hex") is { } hex ? Convert.FromHexString(hex)
        : Text("data") is { } data ? Encoding.UTF8.GetBytes(data)
        : RandomNumberGenerator.GetBytes(Int("size", size));
}
