using Libp2p.Muxers;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class ServerStreamTests
{
    [Fact]
    public async Task Responses_follow_the_request_and_then_the_end()
    {
        await using InMemoryOpener scripted = new(async stream =>
        {
            Assert.Equal(Wire.Frame("?"), await stream.ReceiveAllAsync());
            await stream.DripAsync(Wire.Frames("a", "", "b"));
        });
        Assert.Equal(["a", "", "b"], await ITalk.Protocol.CreateClient(scripted).ListAsync("?").ToListAsync());
        Assert.Equal([null], await scripted.RemotesAsync());

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnList = _ => Wire.Items("a", "", "b") });
        await using P2PStream stream = await served.OpenAsync("List");
        await stream.SendAsync(Wire.Frame("?"));
        Assert.Equal(Wire.Frames("a", "", "b"), await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_stream_without_a_request_is_read_without_a_word()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnList = _ => Wire.Items("a", "b") });

        Assert.Equal(["a", "b"], await ITalk.Protocol.CreateClient(opener).WatchAsync().ToListAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Nothing_happens_before_the_first_item_is_asked_for_and_one_call_is_enumerated_once()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnList = _ => Wire.Items("a") });
        IAsyncEnumerable<string> responses = ITalk.Protocol.CreateClient(opener).ListAsync("?");
        IAsyncEnumerator<string> enumerator = responses.GetAsyncEnumerator();
        Assert.Empty(opener.Requests);

        Assert.True(await enumerator.MoveNextAsync());
        Assert.Single(opener.Requests);
        Assert.Throws<InvalidOperationException>(() => responses.GetAsyncEnumerator());
        await enumerator.DisposeAsync();
    }

    [Theory]
    [InlineData("List")]
    [InlineData("Watch")]
    public async Task Leaving_early_resets(string operation)
    {
        TaskCompletionSource left = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(
            ITalk.Protocol, new Talk { OnList = context => Wire.Endless(left, ["a", "b"], context.CancellationToken) });
        ITalk client = ITalk.Protocol.CreateClient(opener);

        await foreach (string item in operation == "List" ? client.ListAsync("?") : client.WatchAsync())
        {
            Assert.Equal("a", item);
            break;
        }

        await left.Task; // the handler was cancelled
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task A_failure_in_the_middle_comes_after_what_was_before_it()
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnList = _ => Wire.Failing(failure, "a") });
        List<string> seen = [];

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () =>
        {
            await foreach (string item in ITalk.Protocol.CreateClient(opener).ListAsync("?"))
            {
                seen.Add(item);
            }
        });

        Assert.Same(failure, e.Reason.Cause);
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_message_is_a_violation()
    {
        await using InMemoryOpener opener = new(Wire.Answers([.. Wire.Frame("a"), 5, (byte)'b']));

        await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await ITalk.Protocol.CreateClient(opener).ListAsync("?").ToListAsync());
    }

    [Fact]
    public async Task Either_token_cancels()
    {
        foreach (bool isContexts in new[] { true, false })
        {
            TaskCompletionSource called = new(TaskCreationOptions.RunContinuationsAsynchronously);
            TaskCompletionSource left = new();
            Talk talk = new()
            {
                OnList = context =>
                {
                    called.SetResult();
                    return Wire.Endless(left, [], context.CancellationToken);
                },
            };
            await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
            using CancellationTokenSource context = new();
            using CancellationTokenSource enumerator = new();
            Task<List<string>> call = ITalk.Protocol.CreateClient(opener).ListAsync("?", context.Token).ToListAsync(enumerator.Token).AsTask();
            await called.Task; // a request that is reset before it was read calls nobody

            await (isContexts ? context : enumerator).CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            Assert.Equal(EndedBy.Caller, opener.Opened[0].End!.By);
            await left.Task;
        }
    }

    [Fact]
    public async Task A_responder_sends_no_further_ahead_than_the_window()
    {
        int made = 0;
        QueueScheduler queue = new();
        InMemoryStreamPair pair = new(window: 100);
        StreamHandler handler = ITalk.Protocol.CreateHandlers(new Talk { OnList = _ => CountAsync() }).First(one => one.Ids[0].Value == "/talk/1.1.0/list");
        P2PStream inbound = new(pair.Responder, handler.Ids[0], null, TimeProvider.System);
        await using P2PStream initiator = new(pair.Initiator, handler.Ids[0], null, TimeProvider.System);
        await initiator.SendLastAsync(Wire.Frame("?"));

        Task serving = queue.Start(() => handler.HandleAsync(inbound, default).AsTask());

        Assert.False(serving.IsCompleted);
        Assert.Equal(11, made); // ten of ten bytes each, and one that waits
        initiator.Reset();
        queue.RunUntilIdle();
        await Assert.ThrowsAsync<StreamResetException>(() => serving);

        async IAsyncEnumerable<string> CountAsync()
        {
            while (true)
            {
                made++;
                yield return "123456789";
                await Task.Yield();
            }
        }
    }
}
