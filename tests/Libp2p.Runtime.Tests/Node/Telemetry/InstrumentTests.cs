using System.Diagnostics.Metrics;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Telemetry;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;

namespace Libp2p.Tests.Host.Telemetry;

public sealed class InstrumentTests
{
    [Fact]
    public async Task The_end_of_a_reused_stream_is_no_call()
    {
        using MeterProbe probe = new();
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Metrics(probe).Handle(IAsk.Reused(OperationLimits.Default), new Asked(Task.CompletedTask)));
        P2PStream stream = await nodes.OpenAsync("/ask/1.0.0");
        await stream.Output.WriteAsync("\u0002hi\u0002hi"u8.ToArray());
        await stream.Input.ReadExactlyAsync(6).WaitAsync(NodePair.Patience);

        await stream.DisposeAsync();
        await Eventually.HoldsAsync(() => nodes.Listener.GetState().Usage.InboundStreams == 0);

        Assert.Equal((2, 2), ((int)probe.Sum("libp2p.call.started"), probe.Count("libp2p.call.duration")));
    }

    [Fact]
    public async Task The_instruments_are_the_documented_ones()
    {
        using Measured measured = new();
        await using Libp2pNode node = await Libp2pNode.StartAsync(builder => builder.Metrics(measured));

        string[] documented = [.. Repository.Read("docs/telemetry.md").Split('\n')
            .Where(line => line.StartsWith("| `libp2p.", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => $"{cells[1].Trim('`')} {cells[2]} {cells[3].Trim('`')}")];

        Assert.Equal(documented.Order(StringComparer.Ordinal), measured.Instruments.Select(Describe).Order(StringComparer.Ordinal));
        Assert.All(measured.Instruments, instrument => Assert.Equal("Libp2p", instrument.Meter.Name));
    }

    [Fact]
    public async Task Connections_streams_and_bytes_are_counted_on_both_ends()
    {
        using Measured listening = new();
        using Measured dialling = new();
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo).Metrics(listening), node => node.Metrics(dialling));
        await using (P2PStream stream = await nodes.OpenAsync("/bytes/echo"))
        {
            await stream.Output.WriteAsync(new byte[100_000]);
            await Eventually.HoldsAsync(() => listening.Now("libp2p.transport.io", "transport=tcp", "direction=received") > 100_000);

            Assert.True(dialling.Now("libp2p.transport.io", "transport=tcp", "direction=sent") > 100_000);
            Assert.Equal(1, dialling.Now("libp2p.connection.active", "direction=outbound"));
            Assert.Equal(1, dialling.Now("libp2p.stream.active", "direction=outbound"));
            Assert.Equal(1, dialling.Sum("libp2p.connection.opened", "direction=outbound", "transport=tcp", "security=/noise", "muxer=/yamux/1.0.0"));
            Assert.Equal(1, listening.Sum("libp2p.connection.opened", "direction=inbound", "transport=tcp", "security=/noise", "muxer=/yamux/1.0.0"));
            Assert.Equal(1, dialling.Sum("libp2p.stream.opened", "direction=outbound", "protocol=/bytes/echo"));
            Assert.Equal(1, listening.Sum("libp2p.stream.opened", "direction=inbound", "protocol=/bytes/echo"));
            Assert.True(dialling.Sum("libp2p.handshake.duration", "role=initiator", "security=/noise", "muxer=/yamux/1.0.0") > 0);
            Assert.True(listening.Sum("libp2p.handshake.duration", "role=responder", "security=/noise", "muxer=/yamux/1.0.0") > 0);
            Assert.True(dialling.Sum("libp2p.dial.duration", "transport=tcp") > 0);
        }

        await nodes.Connection.CloseAsync();
        await Eventually.HoldsAsync(() => dialling.Sum("libp2p.connection.closed", "by=local") + listening.Sum("libp2p.connection.closed", "by=remote") == 2);

        Assert.Equal(0, dialling.Now("libp2p.connection.active"));
        Assert.True(dialling.Now("libp2p.transport.io", "direction=sent") > 100_000); // it is never less than it was
    }

    [Fact]
    public async Task What_fails_and_what_is_refused_is_counted_by_its_kind()
    {
        using Measured listening = new();
        using Measured dialling = new();
        await using NodePair nodes = await NodePair.ConnectAsync(
            node => node.Metrics(listening).Options(new NodeOptions { Limits = new ResourceLimits { InboundStreamsPerConnection = 1 } })
                .Handle(new BytesHandler("/bytes/wait", async (_, token) => await new TaskCompletionSource().Task.WaitAsync(token))),
            node => node.Metrics(dialling));

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => nodes.OpenAsync("/nobody/1").AsTask());
        await Eventually.HoldsAsync(() => listening.Now("libp2p.stream.active", "direction=inbound") == 0);
        await using P2PStream first = await nodes.OpenAsync("/bytes/wait");
        await Assert.ThrowsAnyAsync<Libp2pException>(() => nodes.Connection.OpenStreamAsync(new StreamRequest(["/bytes/echo"]), CancellationToken.None).AsTask());
        DialException unreachable = await Assert.ThrowsAsync<DialException>(
            () => nodes.Dialer.ConnectAsync(Multiaddress.Parse($"/ip4/127.0.0.1/tcp/1/p2p/{PeerId.Parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp")}")).AsTask());

        Assert.Single(unreachable.Attempts);
        Assert.Equal(1, dialling.Sum("libp2p.negotiation.failed", "direction=outbound", "error.type=ProtocolNotSupportedException"));
        Assert.Equal(1, listening.Sum("libp2p.lease.refused"));
        Assert.Equal(1, listening.Sum("libp2p.stream.refused", "error.type=LimitExceededException"));
        Assert.True(dialling.Sum("libp2p.dial.duration", "error.type=DialException") > 0);
    }

    [Fact]
    public async Task A_handshake_that_fails_tells_its_stage_and_kind()
    {
        using Measured measured = new();
        await using Libp2pNode listener = await Libp2pNode.StartAsync(node => node.Listen("/ip4/127.0.0.1/tcp/0"));
        await using Libp2pNode dialer = await Libp2pNode.StartAsync(node => node.Metrics(measured));

        await Assert.ThrowsAsync<DialException>(() => dialer.ConnectAsync(listener.Addresses[0].WithoutPeer().WithPeer(dialer.PeerId)).AsTask());

        Assert.True(measured.Sum("libp2p.handshake.duration", "role=initiator", "stage=security", "error.type=HandshakeException") > 0);
    }

    [Fact]
    public async Task A_node_that_has_ended_is_observed_no_more()
    {
        using Measured measured = new();
        Libp2pNode node = await Libp2pNode.StartAsync(builder => builder.Metrics(measured));
        Assert.Equal(0, measured.Now("libp2p.connection.active"));

        await node.DisposeAsync();

        Assert.Null(measured.Now("libp2p.connection.active"));
        Assert.Null(measured.Now("libp2p.transport.io"));
    }

    [Fact]
    public async Task Where_nobody_listens_nothing_is_allocated()
    {
        using Unheard factory = new();
        await using NodePair nodes = await NodePair.ConnectAsync(node => node.Handle(BytesHandler.Echo));
        using NodeInstruments instruments = new(new NodeTelemetry(factory), TimeProvider.System);
        PeerConnection connection = (PeerConnection)nodes.Connection;
        IOException failure = new();
        void Count()
        {
            instruments.ConnectionOpened(connection);
            instruments.StreamOpened(Direction.Inbound, "/bytes/echo");
            instruments.StreamRefused(failure);
            instruments.NegotiationFailed(Direction.Outbound, "Failure");
            instruments.LeaseRefused("streams");
        }

        Count();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Count();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.False(instruments.WatchesUpgrades);
    }

    private static string Describe(Instrument instrument)
    {
        string kind = instrument switch
        {
            Counter<long> => "counter",
            Histogram<double> => "histogram",
            ObservableUpDownCounter<long> => "updown, observed",
            ObservableCounter<long> => "counter, observed",
            _ => instrument.GetType().Name,
        };
        return $"{instrument.Name} {kind} {instrument.Unit}";
    }

    private sealed class Unheard : IMeterFactory
    {
        private readonly List<Meter> _meters = [];

        public Meter Create(MeterOptions options)
        {
            Meter meter = new(new MeterOptions(options.Name) { Scope = this });
            _meters.Add(meter);
            return meter;
        }

        public void Dispose() => _meters.ForEach(meter => meter.Dispose());
    }
}
