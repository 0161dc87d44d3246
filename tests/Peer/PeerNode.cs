using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Hosting;
using Libp2p.Limits;
using Libp2p.Protocols.Echo;
using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;

namespace Libp2p.Peer;

/// <summary>A node as the options want it, whose events go to the output.</summary>
internal sealed class PeerNode : IAsyncDisposable
{
    // The peer is a load target of benchmarks: its ceilings are the machine's.
    private static readonly NodeOptions s_options = new()
    {
        Limits = new ResourceLimits
        {
            Connections = 100_000,
            ConnectionsPerPeer = 100_000,
            PendingInbound = 10_000,
            Streams = 1_000_000,
            InboundStreamsPerConnection = 100_000,
            NegotiatingPerConnection = 10_000,
            Memory = 4L * 1024 * Size.MiB,
        },
    };

    private static readonly OperationLimits s_limits = new() { Exchange = null, InboundPerPeer = 100_000, OutboundPerPeer = 100_000 };

    private readonly IEventSubscription<NodeEvent> _events;
    private readonly Task _reporting;

    private PeerNode(Libp2pNode node, JsonLines output)
    {
        Node = node;
        Output = output;
        _events = node.Events.Subscribe<NodeEvent>(capacity: 65_536);
        _reporting = ReportAsync();
    }

    public Libp2pNode Node { get; }

    public JsonLines Output { get; }

    public IReadOnlyList<string> Addresses => [.. Node.Addresses.Select(address => address.ToString())];

    public IReadOnlyList<string> Protocols => [.. Node.Handlers.Protocols.Select(id => id.Value)];

    public static async Task<PeerNode> StartAsync(PeerOptions options, bool listening, JsonLines output)
    {
        PrivateKey key = await LoadKeyAsync(options);
        Libp2pNode node = await Libp2pNode.StartAsync(builder =>
        {
            builder.Identity(key).Options(s_options);
            foreach (Multiaddress address in listening || options.Listen.Count > 0 ? options.ListenAddresses : [])
            {
                builder.Listen(address);
            }

            foreach (string protocol in options.Protocols ?? PeerOptions.KnownProtocols)
            {
                _ = protocol switch
                {
                    "ping" => builder.Handle(IPing.Protocol.With("Ping", limits => limits with { InboundPerPeer = 100_000 }), new PingHandler()),
                    _ => builder.Handle(IEcho.Protocol.With(s_limits), new EchoHandler()),
                };
            }

            foreach (string handle in options.Handle)
            {
                builder.Handle(RawHandler.Parse(handle, output));
            }
        });
        return new PeerNode(node, output);
    }

    public static async Task<PrivateKey> LoadKeyAsync(PeerOptions options) => options switch
    {
        { KeyFile: { } file } => await PrivateKey.FromFileAsync(file, CryptoEngine.Default),
        { Seed: { } seed } => PrivateKey.GenerateEd25519(new SeedBytes(seed), CryptoEngine.Default),
        { KeyType: KeyType.Rsa } => PrivateKey.GenerateRsa(options.RsaBits),
        _ => PrivateKey.Generate(options.KeyType, CryptoRandomSource.Instance, CryptoEngine.Default),
    };

    public static JsonObject Describe(IPeerConnection connection) => new()
    {
        ["peer"] = connection.RemotePeer.ToString(),
        ["addr"] = connection.RemoteAddress.WithPeer(connection.RemotePeer).ToString(),
        ["direction"] = connection.Direction == Direction.Inbound ? "inbound" : "outbound",
        ["security"] = connection.Security?.Value,
        ["muxer"] = connection.Muxer?.Value,
        ["limited"] = connection.Limit is not null,
        ["connection"] = connection.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await _reporting;
        _events.Dispose();
    }

    /// <summary>The secret that the gossipsub interop rule makes of a number: 32 bytes, little-endian.</summary>
    private sealed class SeedBytes(long seed) : IRandomSource
    {
        public void Fill(Span<byte> destination)
        {
            destination.Clear();
            BinaryPrimitives.WriteInt64LittleEndian(destination, seed);
        }

        public int Next(int exclusiveBound) => throw new NotSupportedException("A seed is for one key.");
    }

    private async Task ReportAsync()
    {
        await foreach (NodeEvent happened in _events)
        {
            switch (happened)
            {
                case ConnectionOpened opened:
                    Output.Write("connection-open", Describe(opened.Connection));
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
