using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>A handler that is a client, and so joins its dialogue or stream to a third peer: what ends one side ends the other, and is told.</summary>
public sealed class JoinTests
{
    private static readonly ErrorCode s_quota = new(0x10001);

    [Fact]
    public async Task The_responders_declared_exception_reaches_the_initiator()
    {
        await using InMemoryOpener remote = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(new QuotaException("Too much")));
        await using InMemoryOpener proxy = InMemoryOpener.To(IGuarded.Protocol, IGuarded.Protocol.CreateClient(remote));
        await using Dialogue<string, string> dialogue = await IGuarded.Protocol.CreateClient(proxy).OpenAgreeAsync();

        await dialogue.SendAsync("?");

        await Assert.ThrowsAsync<QuotaException>(async () => await dialogue.ReceiveAsync());
        Assert.IsType<QuotaException>(Assert.Single(await proxy.RemotesAsync()));
    }

    [Fact]
    public async Task The_initiators_code_reaches_the_responder()
    {
        await using InMemoryOpener remote = new(static async stream => await stream.ReceiveAllAsync());
        await using InMemoryOpener proxy = InMemoryOpener.To(IGuarded.Protocol, IGuarded.Protocol.CreateClient(remote));
        await using P2PStream stream = await proxy.OpenStreamAsync(Wire.Request(IGuarded.Protocol, "Agree"), default);
        await Eventually.HoldsAsync(() => remote.Opened.Count == 1);

        stream.Reset(s_quota);

        Assert.Equal((EndedBy.Remote, s_quota), Ended(Assert.Single(await proxy.RemotesAsync())));
        Assert.Equal((EndedBy.Remote, s_quota), Ended(Assert.Single(await remote.RemotesAsync())));
    }

    [Fact]
    public async Task Garbage_of_the_responders_is_told_as_what_it_is()
    {
        await using InMemoryOpener remote = new(static async stream =>
        {
            await stream.SendAsync(101);
            await stream.ReceiveAllAsync();
        });
        await using InMemoryOpener proxy = InMemoryOpener.To(IGuarded.Protocol, IGuarded.Protocol.CreateClient(remote));
        await using Dialogue<string, string> dialogue = await IGuarded.Protocol.CreateClient(proxy).OpenAgreeAsync();

        StreamResetException seen = await Assert.ThrowsAsync<StreamResetException>(async () => await dialogue.ReceiveAsync());

        ProtocolViolationException cause = Assert.IsType<ProtocolViolationException>(Assert.Single(await proxy.RemotesAsync()));
        Assert.Equal(cause.Reason.Code, seen.Reason.Code);
        Assert.Equal((EndedBy.Remote, cause.Reason.Code), Ended(Assert.Single(await remote.RemotesAsync())));
    }

    [Fact]
    public async Task Garbage_of_the_initiators_is_told_as_what_it_is()
    {
        await using InMemoryOpener remote = new(static async stream => await stream.ReceiveAllAsync());
        await using InMemoryOpener proxy = InMemoryOpener.To(IGuarded.Protocol, IGuarded.Protocol.CreateClient(remote));
        await using P2PStream stream = await proxy.OpenStreamAsync(Wire.Request(IGuarded.Protocol, "Agree"), default);

        await stream.SendAsync(101);

        ProtocolViolationException cause = Assert.IsType<ProtocolViolationException>(Assert.Single(await proxy.RemotesAsync()));
        Assert.Equal((EndedBy.Remote, cause.Reason.Code), Ended(Assert.Single(await remote.RemotesAsync())));
        Assert.Equal(cause.Reason.Code, stream.End?.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_joined_stream_tells_the_first_cause_whichever_side_it_came_from(bool isResponders)
    {
        await using InMemoryOpener remote = new(async stream =>
        {
            if (isResponders)
            {
                stream.Reset(s_quota);
            }

            await stream.ReceiveAllAsync();
        });
        await using InMemoryOpener proxy = InMemoryOpener.To(ITalk.Protocol, ITalk.Protocol.CreateClient(remote));
        await using P2PStream stream = await ITalk.Protocol.CreateClient(proxy).OpenPipeAsync();
        await Eventually.HoldsAsync(() => remote.Opened.Count == 1);
        if (!isResponders)
        {
            stream.Reset(s_quota);
        }

        Assert.Equal((EndedBy.Remote, s_quota), Ended(Assert.Single(await proxy.RemotesAsync())));
        Assert.Equal(isResponders ? (EndedBy.Local, s_quota) : (EndedBy.Remote, s_quota), Ended(Assert.Single(await remote.RemotesAsync())));
        Assert.Equal(s_quota, stream.End?.Code);
    }

    [Fact]
    public async Task Who_cancels_a_join_ends_both_sides_with_the_code_of_a_call_that_was_given_up()
    {
        await using InMemoryOpener remote = new(static async stream => await stream.ReceiveAllAsync());
        await using InMemoryOpener other = new(static async stream => await stream.ReceiveAllAsync());
        Dialogue<string, string> dialogue = await IGuarded.Protocol.CreateClient(other).OpenAgreeAsync();
        using CancellationTokenSource source = new();
        Task joining = IGuarded.Protocol.CreateClient(remote).AgreeAsync(dialogue, source.Token).AsTask();
        await Eventually.HoldsAsync(() => remote.Opened.Count == 1);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => joining);
        Assert.Equal((EndedBy.Remote, ErrorCode.Cancelled), Ended(Assert.Single(await remote.RemotesAsync())));
        Assert.Equal((EndedBy.Remote, ErrorCode.Cancelled), Ended(Assert.Single(await other.RemotesAsync())));
        await dialogue.DisposeAsync();
    }

    private static (EndedBy, ErrorCode) Ended(Exception? failure)
    {
        EndReason reason = Assert.IsType<StreamResetException>(failure).Reason;
        return (reason.By, reason.Code);
    }
}
