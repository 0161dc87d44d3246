using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>Half an upload does not pass for a whole one, in any shape and from either side.</summary>
public sealed class AbandonedUploadTests
{
    [Theory]
    [MemberData(nameof(Opened.Names), MemberType = typeof(Opened))]
    public async Task What_is_disposed_of_before_it_was_completed_is_reset(string shape)
    {
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        IAsyncDisposable held = await Opened.All[shape].OpenAsync(opener, default);
        await Opened.All[shape].UseAsync(held);

        await held.DisposeAsync();
        await held.DisposeAsync();

        StreamResetException e = Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal((EndedBy.Remote, ErrorCode.Cancelled), (e.Reason.By, e.Reason.Code));
    }

    [Theory]
    [MemberData(nameof(Opened.Names), MemberType = typeof(Opened))]
    public async Task What_was_completed_ends_in_order(string shape)
    {
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        IAsyncDisposable held = await Opened.All[shape].OpenAsync(opener, default);
        await Opened.All[shape].UseAsync(held);
        await Opened.All[shape].CompleteAsync(held);

        await held.DisposeAsync();

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_output_that_is_completed_with_an_exception_resets_the_stream_with_a_code(bool isAsync)
    {
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAllAsync());
        await using P2PStream stream = await ITalk.Protocol.CreateClient(opener).OpenPipeAsync();
        await stream.SendAsync(1);
        IOException cause = new("the disk that the upload is read from");

        if (isAsync)
        {
            await stream.Output.CompleteAsync(cause);
        }
        else
        {
            stream.Output.Complete(cause);
        }

        StreamResetException e = Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
        Assert.Equal((EndedBy.Remote, ErrorCode.Cancelled), (e.Reason.By, e.Reason.Code));
        Assert.Same(cause, stream.End?.Cause);
    }

    [Fact]
    public async Task A_handlers_output_that_is_completed_with_an_exception_resets_the_stream_with_a_code()
    {
        Talk talk = new() { OnPipe = static (stream, _) => stream.Output.CompleteAsync(new InvalidOperationException("half way")) };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await ITalk.Protocol.CreateClient(opener).OpenPipeAsync();

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await stream.ReceiveAllAsync());

        Assert.Equal((EndedBy.Remote, ErrorCode.HandlerFailed), (e.Reason.By, e.Reason.Code));
    }

    [Fact]
    public async Task A_handlers_enumeration_throws_when_the_writer_was_abandoned()
    {
        TaskCompletionSource<string> told = new();
        Talk talk = new()
        {
            OnSum = async (messages, context) =>
            {
                try
                {
                    return $"{await messages.CountAsync(context.CancellationToken)}";
                }
                catch (Exception e)
                {
                    told.SetResult(e.GetType().Name);
                    throw;
                }
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await using MessageWriter<string> writer = await ITalk.Protocol.CreateClient(opener).OpenPourAsync();
            await writer.WriteAsync("a");
            throw new TimeoutException("of the disk that the upload is read from");
        });

        await opener.RemotesAsync();
        Assert.Contains(await told.Task, (string[])[nameof(StreamResetException), nameof(OperationCanceledException)]);
        Assert.Empty(talk.Told);
    }

    [Fact]
    public async Task A_stream_that_was_read_to_its_end_is_complete_until_something_is_written_after_that()
    {
        foreach (bool writesOn in new[] { false, true })
        {
            await using InMemoryOpener opener = new(static async stream =>
            {
                await stream.SendLastAsync(1, 2);
                await stream.ReceiveAllAsync();
            });
            P2PStream stream = await ITalk.Protocol.CreateClient(opener).OpenPipeAsync();
            Assert.Equal([1, 2], await stream.ReceiveAllAsync());
            if (writesOn)
            {
                await stream.SendAsync(3);
            }

            await stream.DisposeAsync();

            Assert.Equal(writesOn, Assert.Single(await opener.RemotesAsync()) is StreamResetException { Reason.Code: var code } && code == ErrorCode.Cancelled);
        }
    }

    [Theory]
    [InlineData("dialogue")]
    [InlineData("stream")]
    [InlineData("stream after a first message")]
    [InlineData("dialogue after a first message")]
    public async Task A_handler_that_disposes_of_what_it_was_lent_and_throws_resets_with_its_failure(string shape)
    {
        Talk talk = new()
        {
            OnAgree = static async (dialogue, _) =>
            {
                await using (dialogue)
                {
                    await dialogue.SendAsync(new byte[1]);
                    throw new InvalidOperationException("half way");
                }
            },
            OnPipe = static (stream, _) => FailAsync(stream),
        };
        After after = new()
        {
            OnTalk = static async (_, dialogue, _) =>
            {
                await using (dialogue)
                {
                    throw new InvalidOperationException("half way");
                }
            },
            OnMeasure = static (_, stream, _) => FailAsync(stream),
        };
        await using InMemoryOpener opener = shape.Contains("first", StringComparison.Ordinal)
            ? InMemoryOpener.To<IAfter>(IAfter.Protocol, after)
            : InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using IAsyncDisposable held = await Opened.All[shape].OpenAsync(opener, default);

        await opener.RemotesAsync();

        EndReason? end = opener.Opened[0].End;
        Assert.Equal((EndedBy.Remote, ErrorCode.HandlerFailed), (end?.By, end?.Code));

        static async ValueTask FailAsync(P2PStream stream)
        {
            await using (stream)
            {
                await stream.SendAsync(1);
                throw new InvalidOperationException("half way");
            }
        }
    }

    [Fact]
    public async Task A_response_that_comes_early_stands_and_the_info_says_how_much_was_sent()
    {
        TaskCompletionSource left = new();
        CallInfo info = new();
        Talk talk = new()
        {
            OnSum = static async (messages, context) =>
            {
                await foreach (string message in messages.WithCancellation(context.CancellationToken))
                {
                    if (message == "b")
                    {
                        return "enough";
                    }
                }

                return "";
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        string result = await ITalk.Protocol.CreateClient(opener).SumAsync(Wire.Endless(left, ["a", "b"]), new CallContext(default, info: info));

        Assert.Equal("enough", result);
        Assert.Equal((2, 1), (info.MessagesSent, info.MessagesReceived));
    }

    [Fact]
    public async Task All_that_was_sent_is_a_success_although_the_remote_did_not_wait_for_the_end()
    {
        await using InMemoryOpener opener = new(static async stream => await stream.ReceiveAsync(4));
        CallInfo info = new();

        await Record.ExceptionAsync(async () => await ITalk.Protocol.CreateClient(opener).PourAsync(Wire.Items("a", "b"), new CallContext(default, info: info)));

        Assert.Equal(2, info.MessagesSent);
    }
}
