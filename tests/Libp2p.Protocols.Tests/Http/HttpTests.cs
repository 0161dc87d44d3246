using Libp2p.Protocols.Http;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Http;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class HttpTests
{
    private static readonly byte[] s_head = [.. "POST /echo HTTP/1.1\r\nHost: example\r\nContent-Length: 5\r\n\r\n"u8];
    private static readonly byte[] s_body = [.. "hello"u8];
    private static readonly byte[] s_response = [.. "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"u8];

    [Fact]
    public async Task A_responder_gets_the_bytes_and_its_bytes_are_the_response()
    {
        byte[] received = [];
        Server server = new(async stream =>
        {
            received = await stream.ReceiveAllAsync();
            await stream.SendAsync(s_response);
        });
        await using InMemoryOpener opener = InMemoryOpener.To(IHttp.Protocol, server);
        await using P2PStream stream = await opener.DialAsync(IHttp.Protocol);

        await stream.DripAsync([.. s_head, .. s_body]);
        await stream.CloseWriteAsync();

        Assert.Equal(s_response, await stream.ReceiveAllAsync());
        Assert.Equal((byte[])[.. s_head, .. s_body], received);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_initiator_writes_a_request_ends_and_reads_the_response()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/http/1.1", stream.Protocol.Value);
            Assert.Equal((byte[])[.. s_head, .. s_body], await stream.ReceiveAllAsync());
            await stream.DripAsync(s_response);
        });
        await using P2PStream stream = await IHttp.Protocol.CreateClient(opener).OpenServeAsync();

        await stream.SendAsync(s_head);
        await stream.SendAsync(s_body);
        await stream.CloseWriteAsync();

        Assert.Equal(s_response, await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_response_may_come_before_the_body_was_read()
    {
        Server server = new(async stream =>
        {
            await stream.ReceiveAsync(s_head.Length);
            await stream.SendAsync(s_response);
        });
        await using InMemoryOpener opener = InMemoryOpener.To(IHttp.Protocol, server);
        await using P2PStream stream = await IHttp.Protocol.CreateClient(opener).OpenServeAsync();

        await stream.SendAsync([.. s_head, .. s_body[..2]]);

        Assert.Equal(s_response, await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_server_that_outlives_the_handler_takes_the_stream_unread_bytes_included()
    {
        ManualClock clock = new();
        TaskCompletionSource<P2PStream> accepted = new();
        Server server = new(async stream =>
        {
            await stream.ReceiveAsync(s_head.Length);
            accepted.SetResult(stream.Detach());
        });
        await using InMemoryOpener opener = InMemoryOpener.To(IHttp.Protocol, server, clock);
        await using P2PStream stream = await opener.DialAsync(IHttp.Protocol);
        await stream.SendAsync([.. s_head, .. s_body]);
        Assert.Equal([null], await opener.RemotesAsync());

        await using (P2PStream taken = await accepted.Task)
        {
            clock.Advance(TimeSpan.FromMinutes(5)); // no time of the declaration's runs any more
            await stream.CloseWriteAsync();
            Assert.Equal(s_body, await taken.ReceiveAllAsync());
            await taken.SendAsync(s_response);
        }

        Assert.Equal(s_response, await stream.ReceiveAllAsync());
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_minute_without_a_byte_ends_the_exchange()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IHttp.Protocol, new Server(async stream => await stream.ReceiveAllAsync()), clock);
        await using P2PStream stream = await opener.DialAsync(IHttp.Protocol);
        await Eventually.HoldsAsync(() => clock.NextDue == TimeSpan.FromSeconds(60));

        clock.Advance(TimeSpan.FromSeconds(60));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    private sealed class Server(Func<P2PStream, Task> serve) : IHttp
    {
        public async ValueTask ServeAsync(P2PStream stream, CallContext context = default) => await serve(stream);
    }
}
