using Libp2p.Muxers;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

public sealed class ResetCodeTests
{
    [Theory]
    [InlineData("Ask")]
    [InlineData("List")]
    [InlineData("Pour")]
    [InlineData("OpenPour")]
    [InlineData("Sum")]
    [InlineData("OpenSum")]
    [InlineData("OpenAgree")]
    public async Task What_a_handler_throws_travels_as_its_code_and_comes_back_as_the_exception(string member)
    {
        QuotaException failure = new("Too much");
        await using InMemoryOpener opener = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(failure));
        IGuarded client = IGuarded.Protocol.CreateClient(opener);

        QuotaException thrown = await Assert.ThrowsAsync<QuotaException>(() => CallAsync(client, member));

        StreamResetException reset = Assert.IsType<StreamResetException>(thrown.InnerException);
        Assert.Equal((EndedBy.Remote, new ErrorCode(0x10001)), (reset.Reason.By, reset.Reason.Code));
        Assert.Same(failure, Assert.Single(await opener.RemotesAsync()));
        Assert.Equal(new ErrorCode(0x10001), opener.Opened[0].End!.Code);
    }

    [Fact]
    public async Task A_derived_exception_takes_the_code_of_its_base_and_the_closest_one_wins()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(new DiskQuotaException("Full")));
        IGuarded client = IGuarded.Protocol.CreateClient(opener);

        QuotaException asked = await Assert.ThrowsAsync<QuotaException>(async () => await client.AskAsync("?"));
        DiskQuotaException own = await Assert.ThrowsAsync<DiskQuotaException>(async () => await client.OwnAsync("?"));

        Assert.Equal(0x10001u, ((StreamResetException)asked.InnerException!).Reason.Code.Value);
        Assert.Contains("/guarded/1.0.0/own", own.Message, StringComparison.Ordinal);
        Assert.Equal(0x20002u, opener.Opened[1].End!.Code.Value);
    }

    [Fact]
    public async Task A_members_code_stands_before_the_interfaces()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(new QuotaException("Too much")));

        await Assert.ThrowsAsync<QuotaException>(async () => await IGuarded.Protocol.CreateClient(opener).OwnAsync("?"));

        Assert.Equal(0x20001u, opener.Opened[0].End!.Code.Value);
    }

    [Fact]
    public async Task A_code_of_which_no_exception_can_be_made_stays_a_reset()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(new VerySilentException()));

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await IGuarded.Protocol.CreateClient(opener).AskAsync("?"));

        Assert.Equal(new ErrorCode(0x10003), e.Reason.Code);
    }

    [Fact]
    public async Task An_exception_without_a_code_and_a_code_without_an_exception_are_plain_resets()
    {
        await using InMemoryOpener undeclared = InMemoryOpener.To<IGuarded>(IGuarded.Protocol, new Guarded(new InvalidOperationException("No")));
        await using InMemoryOpener unknown = new(static stream =>
        {
            stream.Reset(new ErrorCode(0x1ffff));
            return default;
        });

        StreamResetException none = await Assert.ThrowsAsync<StreamResetException>(async () => await IGuarded.Protocol.CreateClient(undeclared).AskAsync("?"));
        StreamResetException other = await Assert.ThrowsAsync<StreamResetException>(async () => await IGuarded.Protocol.CreateClient(unknown).AskAsync("?"));

        Assert.Equal(ErrorCode.HandlerFailed, none.Reason.Code);
        Assert.Equal(0x1ffffu, other.Reason.Code.Value);
    }

    [Fact]
    public async Task A_reset_of_the_initiators_is_never_the_responders_exception()
    {
        Talk talk = new()
        {
            OnAsk = async (question, context) =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken);
                return question;
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync("Ask");
        await stream.SendAsync(Wire.Frame("?"));
        stream.Reset(new ErrorCode(0x10001));

        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task A_declared_code_on_a_reused_stream_is_an_answer_and_not_asked_for_again()
    {
        Guarded guarded = new(new QuotaException("Too much"));
        await using InMemoryOpener opener = InMemoryOpener.To<IGuardedAgain>(IGuardedAgain.Protocol, guarded);
        IGuardedAgain client = IGuardedAgain.Protocol.CreateClient(opener);
        await client.AskAsync("fine");

        await Assert.ThrowsAsync<QuotaException>(async () => await client.AskAsync("?"));

        Assert.Equal(2, guarded.Calls);
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_detached_stream_is_not_reset_by_its_handlers_failure()
    {
        StreamHandler handler = IGuarded.Protocol.CreateHandlers(new Guarded(new QuotaException("Too late")))[^1];
        InMemoryStreamPair pair = new();
        await using P2PStream inbound = new(pair.Responder, handler.Ids[0], null, TimeProvider.System);

        await Assert.ThrowsAsync<QuotaException>(async () => await handler.HandleAsync(inbound, default));

        Assert.Null(inbound.End);
        await pair.Initiator.DisposeAsync();
    }

    [Fact]
    public async Task Nor_is_it_in_this_process_or_by_a_test_that_plays_the_node()
    {
        IGuarded guarded = new Guarded(new QuotaException("Too late"));
        await using P2PStream local = await guarded.OpenPipeAsync();
        await using InMemoryOpener opener = InMemoryOpener.To(IGuarded.Protocol, guarded);
        await using P2PStream stream = await opener.OpenStreamAsync(Wire.Request(IGuarded.Protocol, "Pipe"), default);

        Assert.IsType<QuotaException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Null(stream.End);
        Assert.Null(local.End);
    }

    [Fact]
    public async Task In_this_process_the_exception_is_the_same_as_over_a_network()
    {
        IGuarded guarded = new Guarded(new QuotaException("Too much"));
        await using Dialogue<string, string> dialogue = await guarded.OpenAgreeAsync();
        await dialogue.SendAsync("?");

        await Assert.ThrowsAsync<QuotaException>(async () => await dialogue.ReceiveAsync());
    }

    [Fact]
    public void Access_policies_are_told_to_the_node_a_members_before_the_interfaces()
    {
        IReadOnlyList<StreamHandler> handlers = IGuarded.Protocol.CreateHandlers(new Guarded(new BusyException()));

        Assert.Equal(["friends", "family", "friends"], handlers.Take(3).Select(handler => handler.AccessPolicy));
        Assert.Null(ITalk.Protocol.CreateHandlers(new Talk())[0].AccessPolicy);
    }

    private static async Task CallAsync(IGuarded client, string member)
    {
        switch (member)
        {
            case "Ask":
                await client.AskAsync("?");
                break;
            case "List":
                await client.ListAsync("?").ToListAsync();
                break;
            case "Pour":
                await client.PourAsync(Wire.Endless(new TaskCompletionSource(), ["a"]));
                break;
            case "Sum":
                await client.SumAsync(Wire.Items("a"));
                break;
            case "OpenPour":
                await using (MessageWriter<string> writer = await client.OpenPourAsync())
                {
                    while (true)
                    {
                        await writer.WriteAsync("a");
                        await Task.Yield();
                    }
                }

            case "OpenSum":
                await using (MessageWriter<string, string> writer = await client.OpenSumAsync())
                {
                    await writer.WriteAsync("a");
                    await writer.CompleteAsync();
                }

                break;
            default:
                await using (Dialogue<string, string> dialogue = await client.OpenAgreeAsync())
                {
                    await dialogue.SendAsync("?");
                    await dialogue.ReceiveAsync();
                }

                break;
        }
    }
}
