using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>A handler runs once for each call, unless the declaration or the caller says that twice is harmless.</summary>
public sealed class IdempotenceTests
{
    [Theory]
    [InlineData("Ask", "fails")]
    [InlineData("Ask", "resets")]
    [InlineData("Ask", "ends")]
    [InlineData("Maybe", "ends")]
    [InlineData("Pay", "fails")]
    [InlineData("Pay", "resets")]
    [InlineData("Pay", "ends")]
    [InlineData("Pay again", "fails")]
    [InlineData("Pay again", "ends")]
    public async Task A_request_that_was_read_is_sent_again_only_where_that_is_harmless(string operation, string how)
    {
        int requests = 0;
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            requests++;
            await stream.SendAsync(Wire.Frame("1"));
            if (requests > 1)
            {
                await stream.ReceiveAllAsync();
                return;
            }

            await stream.ReceiveAsync(2);
            requests++;
            if (how == "fails")
            {
                throw new InvalidOperationException("after the money has moved");
            }

            if (how == "resets")
            {
                stream.Reset();
            }
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);
        Assert.Equal("1", await CallAsync(client, operation));

        Exception? thrown = await Record.ExceptionAsync(() => CallAsync(client, operation));

        bool mayRepeat = operation != "Pay";
        Assert.Equal(mayRepeat ? 3 : 2, requests);
        Assert.Equal(mayRepeat, thrown is null);
        Assert.True(mayRepeat || thrown is StreamResetException, $"{thrown}");
    }

    [Theory]
    [InlineData("reset")]
    [InlineData("end")]
    public async Task A_kept_stream_that_was_dead_before_the_request_was_sent_is_replaced_silently(string how)
    {
        int streams = 0;
        TaskCompletionSource ends = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            await stream.SendAsync(Wire.Frame($"{++streams}"));
            if (streams > 1)
            {
                await stream.ReceiveAllAsync();
                return;
            }

            await ends.Task;
            if (how == "reset")
            {
                stream.Reset();
            }
        });
        IAgain client = IAgain.Protocol.CreateClient(opener);
        Assert.Equal("1", await client.PayAsync("?"));
        Assert.Equal(1, opener.IdleCount);
        ends.SetResult();
        await opener.RemotesAsync();

        Assert.Equal("2", await client.PayAsync("?"));
    }

    [Fact]
    public async Task An_end_without_a_reply_has_one_meaning_on_a_stream_of_its_own()
    {
        Talk talk = new() { OnAsk = static (question, _) => new(question == "?" ? null : question) };
        await using InMemoryOpener opener = InMemoryOpener.To<IAgain>(IAgain.Protocol, talk);
        IAgain client = IAgain.Protocol.CreateClient(opener);

        Assert.Equal("a", await client.PerhapsAsync("a"));
        Assert.Null(await client.PerhapsAsync("?"));

        Assert.All(opener.Requests, request => Assert.Null(request.ReuseIdle));
    }

    [Fact]
    public void The_declaration_says_which_operations_may_run_twice() =>
        Assert.Equal(["Ask", "Maybe"], IAgain.Protocol.Operations.Where(operation => operation.IsIdempotent).Select(operation => operation.Name));

    private static async Task<string?> CallAsync(IAgain client, string operation) => operation switch
    {
        "Ask" => await client.AskAsync("?"),
        "Maybe" => await client.MaybeAsync("?"),
        "Pay" => await client.PayAsync("?"),
        _ => await client.PayAsync("?", new CallContext { MayRepeat = true }),
    };
}
