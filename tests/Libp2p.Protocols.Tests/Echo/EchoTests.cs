using Libp2p.Protocols.Echo;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Echo;

public sealed class EchoTests
{
    [Fact]
    public async Task What_is_sent_comes_back_and_so_does_the_half_close()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IEcho.Protocol, new EchoHandler());
        await using P2PStream stream = await IEcho.Protocol.CreateClient(opener).OpenEchoAsync();

        await stream.SendAsync(1, 2, 3);
        await stream.CloseWriteAsync();

        Assert.Equal([1, 2, 3], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_handler_is_tried_out_without_a_network()
    {
        IEcho echo = new EchoHandler();
        await using P2PStream stream = await echo.OpenEchoAsync();

        await stream.SendAsync(1, 2, 3);
        await stream.CloseWriteAsync();

        Assert.Equal([1, 2, 3], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task No_more_is_held_than_a_window_each_way()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IEcho.Protocol, new EchoHandler(), window: 1000);
        await using P2PStream stream = await IEcho.Protocol.CreateClient(opener).OpenEchoAsync();
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        int sent = 0;

        Task sending = SendAsync();
        await Eventually.HoldsAsync(() => Volatile.Read(ref sent) >= 1000); // a window at least fills without a reader
        for (int received = 0; received < bytes.Length; received += 500)
        {
            Assert.True(Volatile.Read(ref sent) - received <= 4000);
            Assert.Equal(bytes[received..(received + 500)], await stream.ReceiveAsync(500));
        }

        Assert.Empty(await stream.ReceiveAllAsync());
        await sending;

        async Task SendAsync()
        {
            foreach (byte[] chunk in bytes.Chunk(500))
            {
                await stream.SendAsync(chunk);
                Interlocked.Add(ref sent, chunk.Length);
            }

            await stream.CloseWriteAsync();
        }
    }

    [Fact]
    public async Task An_initiator_that_wants_nothing_back_ends_it()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IEcho.Protocol, new EchoHandler());
        await using P2PStream stream = await IEcho.Protocol.CreateClient(opener).OpenEchoAsync();
        stream.CloseRead();

        await stream.SendAsync(1, 2, 3);

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_reset_ends_it()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IEcho.Protocol, new EchoHandler());
        await using P2PStream stream = await IEcho.Protocol.CreateClient(opener).OpenEchoAsync();
        await stream.SendAsync(1);
        await stream.ReceiveAsync(1);

        stream.Reset();

        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }
}
