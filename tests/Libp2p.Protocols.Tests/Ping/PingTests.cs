using Libp2p.Protocols.Ping;
using Libp2p.Scheduling;
using Libp2p.TestKit.Calls;

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

    private sealed class Counter : IRandomSource
    {
        private byte _next;

        public void Fill(Span<byte> destination) => destination.Fill(++_next);

        public int Next(int exclusiveBound) => 0;
    }
}
