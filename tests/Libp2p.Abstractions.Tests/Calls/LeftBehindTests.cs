using System.Runtime.CompilerServices;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>A source that a caller gives may not come back: its call ends all the same, and the source is disposed of when it does.</summary>
public sealed class LeftBehindTests
{
    private readonly ManualClock _clock = new();
    private readonly TaskCompletionSource _returns = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData("Chat", "time")]
    [InlineData("Chat", "token")]
    [InlineData("Chat", "reset")]
    [InlineData("Chat", "leave")]
    [InlineData("Sum", "time")]
    [InlineData("Sum", "token")]
    [InlineData("Sum", "reset")]
    [InlineData("Pour", "time")]
    [InlineData("Pour", "token")]
    [InlineData("Pour", "reset")]
    [InlineData("Kept", "token")] // a kept stream has no time, and is opened again
    [InlineData("KeptBoth", "token")]
    [InlineData("KeptBoth", "leave")]
    public async Task A_source_that_does_not_return_is_left_behind_and_disposed_of_when_it_does(string operation, string end)
    {
        using CancellationTokenSource source = new();
        P2PStream? remote = null;
        TaskCompletionSource isThere = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener opener = new(
            async stream =>
            {
                remote = stream;
                await stream.ReceiveAsync(2);
                await stream.SendAsync(end == "leave" ? Wire.Frame("a") : []);
                isThere.TrySetResult();
                await stream.AbortedAsync();
            },
            _clock);
        Task call = CallAsync(opener, operation, leaves: end == "leave", source.Token);
        await isThere.Task;

        switch (end)
        {
            case "time":
                _clock.Advance(TimeSpan.FromSeconds(60));
                break;
            case "token":
                await source.CancelAsync();
                break;
            case "reset":
                remote!.Reset();
                break;
        }

        await Eventually.HoldsAsync(() =>
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50)); // of the grace
            return call.IsCompleted;
        });
        Exception? thrown = await Record.ExceptionAsync(() => call);
        Assert.True(
            end switch
            {
                "time" => thrown is DeadlineExceededException,
                "token" => thrown is OperationCanceledException,
                "reset" => thrown is StreamResetException,
                _ => thrown is null,
            },
            $"{thrown}");
        Assert.Single(opener.Abandoned);
        Assert.False(_disposed.Task.IsCompleted);

        _returns.SetResult();
        await _disposed.Task;
    }

    [Fact]
    public async Task A_source_that_heeds_its_token_is_waited_for()
    {
        await using InMemoryOpener opener = new(static async stream => await stream.AbortedAsync(), _clock);
        using CancellationTokenSource source = new();
        TaskCompletionSource left = new();
        Task call = ITalk.Protocol.CreateClient(opener).ChatAsync(Wire.Endless(left, ["a"]), source.Token).ToListAsync().AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        await source.CancelAsync();

        await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        Assert.True(left.Task.IsCompleted);
        Assert.Empty(opener.Abandoned);
    }

    [Fact]
    public async Task Where_no_more_may_be_left_behind_the_call_waits_for_it()
    {
        await using InMemoryOpener opener = new(static async stream => await stream.AbortedAsync(), _clock) { MaxAbandoned = 0 };
        using CancellationTokenSource source = new();
        Task call = CallAsync(opener, "Chat", leaves: false, source.Token);
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);
        await source.CancelAsync();
        for (int i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1);
        }

        Assert.False(call.IsCompleted);
        _returns.SetResult();

        await Assert.ThrowsAsync<OperationCanceledException>(() => call);
        Assert.True(_disposed.Task.IsCompleted);
    }

    [Fact]
    public async Task A_local_call_leaves_a_handler_behind_that_does_not_return()
    {
        ITalk talk = new Talk { OnAgree = async (_, _) => await _returns.Task };
        Dialogue<ReadOnlyMemory<byte>, string> dialogue = await talk.OpenAgreeAsync();

        await dialogue.DisposeAsync();

        _returns.SetResult();
    }

    private async Task CallAsync(InMemoryOpener opener, string operation, bool leaves, CancellationToken token)
    {
        ITalk talk = ITalk.Protocol.CreateClient(opener);
        IStanding standing = IStanding.Protocol.CreateClient(opener);
        switch (operation)
        {
            case "Sum":
                await talk.SumAsync(DeafAsync(CancellationToken.None), token);
                break;
            case "Pour":
                await talk.PourAsync(DeafAsync(CancellationToken.None), token);
                break;
            case "Kept":
                await standing.PourAsync(DeafAsync(CancellationToken.None), token);
                break;
            default:
                await foreach (string _ in operation == "Chat" ? talk.ChatAsync(DeafAsync(CancellationToken.None), token) : standing.TalkAsync(DeafAsync(CancellationToken.None), token))
                {
                    if (leaves)
                    {
                        break;
                    }
                }

                break;
        }
    }

    private async IAsyncEnumerable<string> DeafAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            yield return "a";
            await _returns.Task; // which no token ends
            cancellationToken.ThrowIfCancellationRequested();
            yield return "never";
        }
        finally
        {
            _disposed.TrySetResult();
        }
    }
}
