using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class RawTests
{
    private static readonly Talk s_echo = new() { OnPipe = static async (stream, context) => await stream.Input.CopyToAsync(stream.Output, context.CancellationToken) };

    [Fact]
    public async Task A_stream_is_opened_and_served()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_echo);
        await using P2PStream stream = await ITalk.Protocol.CreateClient(opener).OpenPipeAsync();

        await stream.SendAsync(1, 2, 3);
        await stream.CloseWriteAsync();

        Assert.Equal([1, 2, 3], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_handler_that_returns_finishes_the_stream_and_one_that_throws_resets_it()
    {
        await using InMemoryOpener returns = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using P2PStream finished = await ITalk.Protocol.CreateClient(returns).OpenPipeAsync();
        Assert.Empty(await finished.ReceiveAllAsync());

        await using InMemoryOpener throws = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnPipe = static (_, _) => throw new InvalidOperationException() });
        await using P2PStream reset = await ITalk.Protocol.CreateClient(throws).OpenPipeAsync();
        await Assert.ThrowsAsync<StreamResetException>(() => reset.ReceiveAllAsync());
    }

    [Fact]
    public async Task The_time_of_an_opened_stream_is_its_callers()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync(), clock);
        await using P2PStream stream = await ITalk.Protocol.CreateClient(opener).OpenPipeAsync();

        clock.Advance(TimeSpan.FromHours(1));

        Assert.Null(stream.End);
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task A_handlers_time_is_the_operations_until_it_detaches()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_echo, clock);
        await using P2PStream stream = await opener.OpenAsync("Pipe");
        await stream.SendAsync(1);
        await stream.ReceiveAsync(1);

        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task Idle_time_is_time_without_a_byte_either_way()
    {
        ManualClock clock = new();
        Protocol<ITalk> protocol = ITalk.Protocol.With("Pipe", limits => limits with { Exchange = null, Idle = TimeSpan.FromSeconds(5) });
        Talk echo = new() { OnPipe = static async (stream, _) => await stream.EchoAsync() };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(protocol, echo, clock);
        await using P2PStream stream = await opener.OpenAsync("Pipe");
        for (int i = 0; i < 5; i++)
        {
            await stream.SendAsync(1);
            await stream.ReceiveAsync(1);
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.IsType<DeadlineExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_idle_time_of_an_opened_stream_is_the_operations_until_it_is_detached(bool isDetached)
    {
        ManualClock clock = new();
        Protocol<ITalk> protocol = ITalk.Protocol.With("Pipe", limits => limits with { Exchange = null, Idle = TimeSpan.FromSeconds(5) });
        await using InMemoryOpener opener = new(static async stream => await stream.EchoAsync(), clock);
        await using P2PStream stream = await protocol.CreateClient(opener).OpenPipeAsync();
        for (int i = 0; i < 3; i++)
        {
            await stream.SendAsync(1);
            await stream.ReceiveAsync(1);
            clock.Advance(TimeSpan.FromSeconds(4));
        }

        Task<byte[]> reading = (isDetached ? stream.Detach() : stream).ReceiveAllAsync();
        clock.Advance(TimeSpan.FromSeconds(1));

        if (isDetached)
        {
            Assert.Null(stream.End);
            stream.Reset();
        }

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => reading);
        Assert.Equal(isDetached ? EndedBy.Local : EndedBy.Limit, e.Reason.By);
        await stream.DisposeAsync();
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task The_declared_form_joins_a_stream_to_the_remote()
    {
        await using InMemoryOpener remote = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_echo);
        await using InMemoryOpener relay = InMemoryOpener.To(ITalk.Protocol, ITalk.Protocol.CreateClient(remote));
        await using P2PStream stream = await ITalk.Protocol.CreateClient(relay).OpenPipeAsync();
        byte[] bytes = [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)];

        Task sending = SendAsync();
        Assert.Equal(bytes, await stream.ReceiveAllAsync());
        await sending;

        Assert.Equal([null], await relay.RemotesAsync());

        async Task SendAsync()
        {
            await stream.SendAsync(bytes);
            await stream.CloseWriteAsync();
        }
    }

    [Fact]
    public async Task A_joined_stream_passes_resets_on()
    {
        await using InMemoryOpener remote = new(static stream =>
        {
            stream.Reset(new ErrorCode(0x10006));
            return default;
        });
        await using InMemoryOpener relay = InMemoryOpener.To(ITalk.Protocol, ITalk.Protocol.CreateClient(remote));
        await using P2PStream stream = await ITalk.Protocol.CreateClient(relay).OpenPipeAsync();

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());

        Assert.Equal(new ErrorCode(0x10006), e.Reason.Code);
    }
}
