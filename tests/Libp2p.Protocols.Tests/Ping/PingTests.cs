using Libp2p.Protocols.Ping;
using Libp2p.TestKit;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Ping;

public sealed class PingTests
{
    private static readonly byte[] s_payload = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public async Task A_ping_returns_its_bytes()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
        IPing ping = IPing.Protocol.CreateClient(opener);

        ReadOnlyMemory<byte> echo = await ping.PingAsync(s_payload);

        Assert.Equal(s_payload, echo.ToArray());
    }

    [Fact]
    public async Task Each_ping_takes_a_stream()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
        IPing ping = IPing.Protocol.CreateClient(opener);

        for (int i = 0; i < 3; i++)
        {
            await ping.PingAsync(new SeededRandomSource(1), TimeProvider.System);
        }

        Assert.Equal(3, opener.Opened.Count);
        Assert.Equal([null, null, null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task The_initiator_sends_32_bytes_and_nothing_else()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/ipfs/ping/1.0.0", stream.Protocol.Value);
            Assert.Equal(s_payload, await stream.ReceiveAsync(32));
            await stream.SendAsync(s_payload[..7]);
            await stream.SendAsync(s_payload[7..]);
            Assert.Empty(await stream.ReceiveAllAsync());
        });

        ReadOnlyMemory<byte> echo = await IPing.Protocol.CreateClient(opener).PingAsync(s_payload);

        Assert.Equal(s_payload, echo.ToArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task The_responder_echoes_at_every_split()
    {
        byte[] wire = [.. s_payload, .. s_payload.Reverse()];
        for (int split = 0; split <= wire.Length; split++)
        {
            await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
            await using P2PStream stream = await opener.OpenStreamAsync(IPing.Protocol.Settings("Ping").Request, default);
            await stream.SendAsync(wire[..split]);
            await Task.Yield();
            await stream.SendAsync(wire[split..]);

            Assert.Equal(wire, await stream.ReceiveAsync(64));
            await stream.CloseWriteAsync();
            Assert.Empty(await stream.ReceiveAllAsync());
            Assert.Equal([null], await opener.RemotesAsync());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(33)]
    public async Task A_ping_that_is_cut_short_is_a_violation(int length)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
        await using P2PStream stream = await opener.OpenStreamAsync(IPing.Protocol.Settings("Ping").Request, default);
        await stream.SendLastAsync(new byte[length]);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task Other_bytes_than_were_sent_are_a_violation()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            byte[] payload = await stream.ReceiveAsync(32);
            payload[31] ^= 1;
            await stream.SendAsync(payload);
        });

        await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await IPing.Protocol.CreateClient(opener).PingAsync(new SeededRandomSource(1), TimeProvider.System));
    }

    [Fact]
    public async Task The_time_is_the_clocks_and_begins_when_the_stream_is_open()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(
            async stream =>
            {
                byte[] payload = await stream.ReceiveAsync(32);
                clock.Advance(TimeSpan.FromMilliseconds(7));
                await stream.SendAsync(payload);
                await stream.ReceiveAllAsync();
            },
            clock);
        opener.BeforeOpen = _ =>
        {
            clock.Advance(TimeSpan.FromSeconds(2));
            return Task.CompletedTask;
        };

        Assert.Equal(TimeSpan.FromMilliseconds(7), await IPing.Protocol.CreateClient(opener).PingAsync(new SeededRandomSource(1), clock));
    }

    [Fact]
    public void It_runs_on_any_connection_twice_a_peer_and_through_half_a_minute_of_silence()
    {
        OperationSettings settings = IPing.Protocol.Settings("Ping");

        Assert.Equal(LimitedConnections.Allow, settings.Request.Connection.Limited);
        Assert.Equal((2, 32, 32), (settings.Limits.InboundPerPeer, settings.Limits.MaxRequest, settings.Limits.MaxResponse));
        Assert.True(settings.Limits.Idle >= TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.Zero, settings.Request.ReuseIdle);
    }
}
