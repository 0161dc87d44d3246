using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Tls;
using Libp2p.TestKit;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>What connections took, they gave back: counted over the whole process, so nothing else runs beside.</summary>
[Collection(nameof(Alone))]
public sealed class ThousandConnectionsTests
{
    private const int AtOnce = 50;

    private static readonly BytesHandler s_ping = new("/ping", BytesHandler.EchoAsync, new OperationLimits { InboundPerPeer = 2 * AtOnce });
    private static readonly NodeOptions s_roomy = new() { Limits = new ResourceLimits { Connections = 4 * AtOnce, ConnectionsPerPeer = 4 * AtOnce } };

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/0", "/noise")]
    [InlineData("/ip4/127.0.0.1/tcp/0", "/tls/1.0.0")]
    [InlineData("/memory/0", "/noise")]
    public async Task A_thousand_connections_with_a_ping_each_leave_nothing_behind(string address, string security)
    {
        CountingTime time = new();
        using ArrayPoolWatch arrays = ArrayPoolWatch.Start();
        MemoryNetwork network = new();
        await using Libp2pNode listener = await StartAsync(node => node.Listen(address).Handle(s_ping));
        await using Libp2pNode dialer = await StartAsync(_ => { });
        Ledger nodes = new(listener, dialer) { Time = time };
        LedgerBalance idle = nodes.Read();
        await WaveAsync(listener, dialer); // what a process makes once: threads, epoll, what the pools keep
        await nodes.ReturnsToAsync(idle);
        Ledger ledger = new(listener, dialer) { Time = time, Arrays = security == "/noise" ? arrays : null, Files = true }; // SslStream (.NET 10) keeps 32 bytes for each close_notify
        LedgerBalance baseline = ledger.Read();

        for (int wave = 0; wave < 1000 / AtOnce; wave++)
        {
            await WaveAsync(listener, dialer);
        }

        await ledger.ReturnsToAsync(baseline);

        Task<Libp2pNode> StartAsync(Action<NodeBuilder> configure) => Libp2pNode.StartAsync(node =>
        {
            node.Time(time).Options(s_roomy);
            if (address.StartsWith("/memory", StringComparison.Ordinal))
            {
                node.WithoutDefaultTransports().Transport(_ => new MemoryTransport(network, ThreadPoolScheduler.Instance));
            }

            if (security == "/tls/1.0.0")
            {
                node.WithoutDefaultSecurity().Security(context => new TlsSecurity(context));
            }

            configure(node);
        });
    }

    private static Task WaveAsync(Libp2pNode listener, Libp2pNode dialer) =>
        Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => PingAsync(listener, dialer)));

    private static async Task PingAsync(Libp2pNode listener, Libp2pNode dialer)
    {
        DialRequest request = new() { ExpectedPeer = ExpectedPeer.Exactly(listener.PeerId), Addresses = listener.Addresses, ForceNew = true };
        IPeerConnection connection = await dialer.ConnectAsync(request);
        await using (P2PStream stream = await connection.OpenStreamAsync(new StreamRequest(["/ping"]), CancellationToken.None))
        {
            byte[] payload = new byte[32];
            new Random(1).NextBytes(payload);
            await stream.Output.WriteAsync(payload);
            Assert.Equal(payload, await stream.Input.ReadExactlyAsync(payload.Length).WaitAsync(NodePair.Patience));

            // The remote's handler has given back what it read, which a connection that ends under it would leave to the collector.
            await stream.CloseWriteAsync();
            Assert.True((await stream.Input.ReadAsync().AsTask().WaitAsync(NodePair.Patience)).IsCompleted);
        }

        await connection.CloseAsync();
    }
}
