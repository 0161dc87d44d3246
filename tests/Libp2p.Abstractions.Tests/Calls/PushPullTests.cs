using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class PushPullTests
{
    [Fact]
    public async Task A_push_is_a_message_and_an_end()
    {
        byte[]? received = null;
        await using InMemoryOpener scripted = new(async stream => received = await stream.ReceiveAllAsync());
        await ITalk.Protocol.CreateClient(scripted).TellAsync("hello");
        await scripted.RemotesAsync();
        Assert.Equal(Wire.Frame("hello"), received);

        Talk talk = new();
        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await ITalk.Protocol.CreateClient(served).TellAsync("hello");
        await ITalk.Protocol.CreateClient(served).TellAsync("");
        Assert.Equal([null, null], await served.RemotesAsync());
        Assert.Equal(["", "hello"], talk.Told.Order());
    }

    [Fact]
    public async Task A_push_is_sent_when_the_protocol_is_agreed_and_not_before()
    {
        Assert.False(Wire.Request("Tell").InitiatorWritesFirst);
        Assert.False(Wire.Request("Get").InitiatorWritesFirst);
        Assert.True(Wire.Request("Ask").InitiatorWritesFirst);

        await using InMemoryOpener opener = new(static _ => default)
        {
            BeforeOpen = static _ => throw new ProtocolNotSupportedException(["/talk/1.1.0/tell"]),
        };
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(async () => await ITalk.Protocol.CreateClient(opener).TellAsync("hello"));
    }

    [Fact]
    public async Task A_push_that_nobody_reads_ends_with_its_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(static stream => new(stream.AbortedAsync()), clock, window: 10);
        Task call = ITalk.Protocol.CreateClient(opener).TellAsync(new string('x', 100)).AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Fact]
    public async Task A_pull_is_answered_without_a_word()
    {
        await using InMemoryOpener scripted = new(async stream =>
        {
            await stream.DripAsync(Wire.Frame("hello"));
            await stream.CloseWriteAsync();
            Assert.Empty(await stream.ReceiveAllAsync());
        });
        Assert.Equal("hello", await ITalk.Protocol.CreateClient(scripted).GetAsync());
        Assert.Equal([null], await scripted.RemotesAsync());

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using P2PStream stream = await served.OpenAsync("Get");
        Assert.Equal(Wire.Frame("got"), await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_pull_without_an_answer_is_a_violation()
    {
        await using InMemoryOpener opener = new(static _ => default);

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await ITalk.Protocol.CreateClient(opener).GetAsync());
    }
}
