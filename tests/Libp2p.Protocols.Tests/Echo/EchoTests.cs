using Libp2p.Protocols.Echo;
using Libp2p.TestKit.Calls;

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
}
