using Libp2p.Muxers;
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
        QueueScheduler queue = new();
        InMemoryStreamPair pair = new(window: 1000);
        StreamHandler handler = IEcho.Protocol.CreateHandlers(new EchoHandler())[0];
        P2PStream inbound = new(pair.Responder, handler.Ids[0], null, TimeProvider.System);
        await using P2PStream stream = new(pair.Initiator, handler.Ids[0], null, TimeProvider.System);
        byte[] bytes = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        int sent = 0;

        Task serving = queue.Start(() => handler.HandleAsync(inbound, default).AsTask());
        Task sending = queue.Start(SendAsync);
        Assert.InRange(sent, 1, 4000); // as much as goes without a reader, since there is nothing left to do
        Task<byte[]> receiving = queue.Start(stream.ReceiveAllAsync);
        queue.RunUntilIdle();

        await serving;
        await sending;
        Assert.Equal(bytes, await receiving);

        async Task SendAsync()
        {
            foreach (byte[] chunk in bytes.Chunk(500))
            {
                await stream.SendAsync(chunk);
                sent += chunk.Length;
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
