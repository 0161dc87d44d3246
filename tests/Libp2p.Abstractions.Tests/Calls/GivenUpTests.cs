using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>A caller's token resets its stream at once, and is what the caller is told, whatever else happens at the same time.</summary>
public sealed class GivenUpTests
{
    [Theory]
    [MemberData(nameof(Opened.Cancellable), MemberType = typeof(Opened))]
    public async Task A_token_resets_what_is_open_although_its_caller_neither_reads_nor_writes(string shape)
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        await using IAsyncDisposable held = await Opened.All[shape].OpenAsync(opener, source.Token);
        await Opened.All[shape].UseAsync(held);

        await source.CancelAsync();

        StreamResetException e = Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal((EndedBy.Remote, ErrorCode.Cancelled), (e.Reason.By, e.Reason.Code));
        OperationCanceledException given = await Assert.ThrowsAsync<OperationCanceledException>(() => Opened.All[shape].UseAsync(held));
        Assert.Equal(source.Token, given.CancellationToken);
    }

    [Theory]
    [InlineData("List", false)]
    [InlineData("List", true)]
    [InlineData("Watch", false)]
    [InlineData("Chat", false)]
    [InlineData("Chat", true)]
    [InlineData("Talk", false)]
    public async Task A_token_resets_an_enumeration_between_two_of_its_items(string operation, bool isEnumerators)
    {
        TaskCompletionSource left = new();
        using CancellationTokenSource source = new();
        using CancellationTokenSource other = new();
        await using InMemoryOpener opener = new(static async stream =>
        {
            await stream.SendAsync(Wire.Frame("a"));
            await stream.AbortedAsync();
        });
        CallContext context = (isEnumerators ? other : source).Token;
        ITalk client = ITalk.Protocol.CreateClient(opener);
        IAsyncEnumerable<string> items = operation switch
        {
            "List" => client.ListAsync("?", context),
            "Watch" => client.WatchAsync(context),
            "Chat" => client.ChatAsync(Wire.Endless(left, []), context),
            _ => IStanding.Protocol.CreateClient(opener).TalkAsync(Wire.Endless(left, []), context),
        };
        await using IAsyncEnumerator<string> enumerator = items.GetAsyncEnumerator((isEnumerators ? source : other).Token);
        Assert.True(await enumerator.MoveNextAsync());

        await source.CancelAsync();

        await opener.RemotesAsync();
        Assert.Equal((EndedBy.Caller, ErrorCode.Cancelled), (opener.Opened[0].End?.By, opener.Opened[0].End?.Code));
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await enumerator.MoveNextAsync());
        Assert.Equal(operation == "Talk" ? e.CancellationToken : source.Token, e.CancellationToken);
    }

    [Theory]
    [InlineData("Ask")]
    [InlineData("Get")]
    [InlineData("List")]
    [InlineData("Sum")]
    [InlineData("Pour")]
    [InlineData("Chat")]
    public async Task A_caller_who_gives_up_is_told_so_although_the_remote_reset_first(string operation)
    {
        TaskCompletionSource left = new();
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(async stream =>
        {
            await source.CancelAsync();
            stream.Reset(new ErrorCode(0x10001));
        });
        ITalk client = ITalk.Protocol.CreateClient(opener);

        OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(async () => await (operation switch
        {
            "Ask" => client.AskAsync("?", source.Token).AsTask(),
            "Get" => client.GetAsync(source.Token).AsTask(),
            "List" => client.ListAsync("?", source.Token).ToListAsync().AsTask(),
            "Sum" => client.SumAsync(Wire.Endless(left, []), source.Token).AsTask(),
            "Pour" => client.PourAsync(Wire.Endless(left, []), source.Token).AsTask(),
            _ => (Task)client.ChatAsync(Wire.Endless(left, []), source.Token).ToListAsync().AsTask(),
        }));

        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_so_although_the_opening_failed_or_took_too_long()
    {
        foreach (Exception failure in new Exception[]
        {
            new ConnectionClosedException("Gone", new EndReason(EndedBy.Link, default, "Gone")),
            new DialException(null, []),
            new ObjectDisposedException("A socket"),
        })
        {
            using CancellationTokenSource source = new();
            await using InMemoryOpener opener = new(static _ => default)
            {
                BeforeOpen = async _ =>
                {
                    await source.CancelAsync();
                    throw failure;
                },
            };

            OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(
                async () => await ITalk.Protocol.CreateClient(opener).AskAsync("?", source.Token));
            Assert.Equal(source.Token, e.CancellationToken);
        }
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_told_so_although_its_time_is_over_too()
    {
        ManualClock clock = new();
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(static async stream => await stream.AbortedAsync(), clock);
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync(source.Token);

        clock.Advance(TimeSpan.FromSeconds(10));
        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(async () => await dialogue.ReceiveAsync());
    }

    [Fact]
    public async Task A_wait_that_is_given_up_is_told_with_its_own_token()
    {
        using CancellationTokenSource source = new();
        using CancellationTokenSource wait = new();
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync(source.Token);
        Task receiving = dialogue.ReceiveAsync(wait.Token).AsTask();

        await wait.CancelAsync();

        OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(() => receiving);
        Assert.Equal(wait.Token, e.CancellationToken);
        await dialogue.CompleteAsync();
    }

    [Fact]
    public async Task A_stream_that_was_given_back_is_not_reset_by_the_token_of_an_earlier_call()
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, new Talk());
        IAgain client = IAgain.Protocol.CreateClient(opener);
        Assert.Equal("a", await client.AskAsync("a", source.Token));

        await source.CancelAsync();

        Assert.Equal("b", await client.AskAsync("b"));
        Assert.Single(opener.Opened);
    }

    [Fact]
    public async Task A_detached_stream_is_its_takers_and_not_the_tokens()
    {
        using CancellationTokenSource source = new();
        await using InMemoryOpener opener = new(static async stream => await stream.EchoAsync());
        await using P2PStream raw = (await ITalk.Protocol.CreateClient(opener).OpenPipeAsync(source.Token)).Detach();
        await using P2PStream rest = (await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync(source.Token)).Detach();

        await source.CancelAsync();

        Assert.Null(raw.End);
        Assert.Null(rest.End);
    }
}
