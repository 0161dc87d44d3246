using System.Globalization;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Peer.Actions;
using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Perf;
using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;
using Libp2p.Transports.Memory;

namespace Libp2p.Peer;

/// <summary>A node as the options want it, whose events go to the output.</summary>
internal sealed class PeerNode : IAsyncDisposable
{
    // The peer is a load target of benchmarks: its ceilings are the machine's.
    private static readonly NodeOptions s_options = new()
    {
        Limits = new ResourceLimits
        {
            Connections = PeerProtocols.Many,
            ConnectionsPerAddress = PeerProtocols.Many,
            PendingInboundPerAddress = 10_000,
            ConnectionsPerAddressPerSecond = PeerProtocols.Many,
            ConnectionsPerPeer = PeerProtocols.Many,
            PendingInbound = 10_000,
            Streams = 1_000_000,
            InboundStreamsPerConnection = PeerProtocols.Many,
            NegotiatingPerConnection = 10_000,
            Memory = 4L * 1024 * Size.MiB,
        },
    };

    private readonly PeerOptions _peerOptions;
    private readonly MemoryNetwork _memory;
    private readonly IEventSubscription<NodeEvent> _events;
    private readonly Task _reporting;
    private readonly Lazy<Task<Libp2pNode>> _twin;

    private PeerNode(Libp2pNode node, PeerOptions options, MemoryNetwork memory, JsonLines output)
    {
        Node = node;
        Output = output;
        _peerOptions = options;
        _memory = memory;
        _twin = new Lazy<Task<Libp2pNode>>(StartTwinAsync);
        _events = node.Events.Subscribe<NodeEvent>(capacity: 65_536);
        _reporting = ReportAsync();
    }

    public Libp2pNode Node { get; }

    public JsonLines Output { get; }

    public IReadOnlyList<string> Addresses => [.. Node.Addresses.Select(address => address.ToString())];

    public IReadOnlyList<string> Protocols => [.. Node.Handlers.Protocols.Select(id => id.Value)];

    /// <summary>The node's connections, those of its twin included.</summary>
    public IReadOnlyList<IPeerConnection> Connections =>
        _twin is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } ? [.. Node.Connections, .. _twin.Value.Result.Connections] : Node.Connections;

    public static async Task<PeerNode> StartAsync(PeerOptions options, bool listening, JsonLines output)
    {
        MemoryNetwork memory = new();
        PrivateKey key = await LoadKeyAsync(options);
        IReadOnlyList<Multiaddress> listen = listening || options.Listen.Count > 0 ? options.ListenAddresses : [];
        Libp2pNode node = await Libp2pNode.StartAsync(builder =>
        {
            Configure(builder, options, memory, key, listen);
            Serve(builder, options, output);
        });
        return new PeerNode(node, options, memory, output);
    }

    public static async Task<PrivateKey> LoadKeyAsync(PeerOptions options) => options switch
    {
        { KeyFile: { } file } => await PrivateKey.FromFileAsync(file, CryptoEngine.Default),
        { Seed: { } seed } => SeedKey.Of(seed),
        _ => NewKey(options),
    };

    public static JsonObject Describe(IPeerConnection connection) => new()
    {
        ["peer"] = connection.RemotePeer.ToString(),
        ["addr"] = connection.RemoteAddress.WithPeer(connection.RemotePeer).ToString(),
        ["direction"] = connection.Direction == Direction.Inbound ? "inbound" : "outbound",
        ["security"] = connection.Security?.Value,
        ["muxer"] = connection.Muxer?.Value,
        ["earlyMuxer"] = connection.IsEarlyMuxer,
        ["limited"] = connection.Limit is not null,
        ["connection"] = connection.Id.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Who dials a peer: this node; but itself it cannot dial, so a twin in the same process does, over memory too.</summary>
    public async ValueTask<Libp2pNode> DialerOfAsync(PeerId peer) => peer == Node.PeerId ? await _twin.Value : Node;

    public async ValueTask DisposeAsync()
    {
        if (_twin.IsValueCreated)
        {
            await (await _twin.Value).DisposeAsync();
        }

        await Node.DisposeAsync();
        await _reporting;
        _events.Dispose();
    }

    private static PrivateKey NewKey(PeerOptions options) => options.KeyType == KeyType.Rsa
        ? PrivateKey.GenerateRsa(options.RsaBits)
        : PrivateKey.Generate(options.KeyType, CryptoRandomSource.Instance, CryptoEngine.Default);

    private static void Configure(NodeBuilder builder, PeerOptions options, MemoryNetwork memory, PrivateKey key, IEnumerable<Multiaddress> listen)
    {
        builder.Identity(key).Options(s_options with { LazyNegotiation = options.LazyNegotiation }).WithoutDefaultTransports().WithoutDefaultSecurity();
        foreach (string name in options.Transports)
        {
            builder.Transport(node => NodeParts.Transport(name, node, memory));
        }

        foreach (string name in options.Security)
        {
            builder.Security(node => NodeParts.Security(name, node, options.EarlyMuxer));
        }

        foreach (Multiaddress address in listen)
        {
            builder.Listen(address);
        }
    }

    private static void Serve(NodeBuilder builder, PeerOptions options, JsonLines output)
    {
        foreach (string protocol in options.Protocols ?? PeerOptions.KnownProtocols)
        {
            _ = protocol switch
            {
                "identify" => builder.Use(new IdentifyService(Identify(options))),
                "ping" => builder.Handle(PeerProtocols.Ping, new PingHandler()),
                "perf" => builder.Handle(PeerProtocols.Perf, options.Hash ? new PerfHandler(Served, hash: true) : new PerfHandler()),
                _ => builder.Handle(PeerProtocols.Echo, new EchoHandler()),
            };
        }

        foreach (string handle in options.Handle)
        {
            builder.Handle(RawHandler.Parse(handle, output));
        }

        void Served(P2PStream stream, PerfResult result)
        {
            JsonObject fields = PerfActions.Describe(result);
            fields["type"] = "served";
            fields["peer"] = stream.RemotePeer?.ToString();
            output.Write("perf", fields);
        }
    }

    private static IdentifyOptions Identify(PeerOptions options) =>
        options.Agent is { } agent ? new IdentifyOptions { AgentVersion = agent } : new IdentifyOptions();

    private Task<Libp2pNode> StartTwinAsync() =>
        Libp2pNode.StartAsync(builder => Configure(builder, _peerOptions, _memory, NewKey(_peerOptions), listen: []));

    private async Task ReportAsync()
    {
        await foreach (NodeEvent happened in _events)
        {
            switch (happened)
            {
                case ConnectionOpened opened:
                    Output.Write("connection-open", Describe(opened.Connection));
                    break;
                case PeerIdentified identified:
                    Output.Write("peer-identify", IdentifyActions.Describe(identified));
                    break;
                case ConnectionClosed closed:
                    JsonObject fields = Describe(closed.Connection);
                    fields["reason"] = closed.Reason.ToString();
                    Output.Write("connection-close", fields);
                    break;
            }
        }
    }
}
