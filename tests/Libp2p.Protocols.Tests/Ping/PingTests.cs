using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;
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
    public async Task Many_pings_share_one_stream()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
        IPing ping = IPing.Protocol.CreateClient(opener);

        for (int i = 0; i < 5; i++)
        {
            await ping.PingAsync(new Counter(), TimeProvider.System);
        }

        Assert.Single(opener.Opened);
        Assert.Equal(1, opener.IdleCount);
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
        Assert.Equal(1, opener.IdleCount);
        await opener.DisposeAsync();
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task The_responder_echoes_at_every_split()
    {
        byte[] wire = [.. s_payload, .. s_payload.Reverse()];
        for (int split = 0; split <= wire.Length; split++)
        {
            await using InMemoryOpener opener = InMemoryOpener.To(IPing.Protocol, new PingHandler());
            await using P2PStream stream = await opener.OpenStreamAsync(IPing.Protocol.Settings(0).Request, default);
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
        await using P2PStream stream = await opener.OpenStreamAsync(IPing.Protocol.Settings(0).Request, default);
        await stream.SendAsync(new byte[length]);
        await stream.CloseWriteAsync();

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
            async () => await IPing.Protocol.CreateClient(opener).PingAsync(new Counter(), TimeProvider.System));
    }

    [Fact]
    public async Task The_time_is_the_clocks()
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

        Assert.Equal(TimeSpan.FromMilliseconds(7), await IPing.Protocol.CreateClient(opener).PingAsync(new Counter(), clock));
    }

    [Fact]
    public async Task A_stream_that_the_peer_ended_since_is_replaced_without_a_word()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.SendAsync(await stream.ReceiveAsync(32));
            await stream.ReceiveAsync(32);
            stream.Reset(); // as go does when its 30 seconds are over
        });
        IPing ping = IPing.Protocol.CreateClient(opener);

        for (int i = 0; i < 3; i++)
        {
            await ping.PingAsync(new Counter(), TimeProvider.System);
        }

        Assert.Equal(3, opener.Opened.Count);
    }

    [Fact]
    public void It_runs_on_any_connection_twice_a_peer_and_for_more_than_half_a_minute_of_silence()
    {
        OperationSettings settings = IPing.Protocol.Settings(0);

        Assert.Equal(LimitedConnections.Allow, settings.Request.Connection.Limited);
        Assert.Equal((2, 32, 32), (settings.Limits.InboundPerPeer, settings.Limits.MaxRequest, settings.Limits.MaxResponse));
        Assert.True(settings.Limits.Idle >= TimeSpan.FromSeconds(30));
        Assert.NotNull(settings.Request.ReuseIdle);
    }

    private sealed class Counter : IRandomSource
    {
        private byte _next;

        public void Fill(Span<byte> destination) => destination.Fill(++_next);

        public int Next(int exclusiveBound) => 0;
    }
}
