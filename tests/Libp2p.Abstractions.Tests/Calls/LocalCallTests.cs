using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>What an initiator opens, on an implementation in this process.</summary>
public sealed class LocalCallTests
{
    [Fact]
    public async Task A_writer_is_opened_on_an_implementation()
    {
        Talk talk = new();
        await using (MessageWriter<string> writer = await ((ITalk)talk).OpenPourAsync())
        {
            await writer.WriteAsync("a");
            await writer.WriteAsync("b");
            await writer.CompleteAsync();
        }

        Assert.Equal(["ab"], talk.Told); // disposing has waited for the handler
    }

    [Fact]
    public async Task A_dialogue_is_opened_on_an_implementation()
    {
        ITalk talk = new Talk { OnAgree = static async (dialogue, _) => await dialogue.SendAsync(new byte[(await dialogue.ReceiveAsync()).Length]) };
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await talk.OpenAgreeAsync();

        await dialogue.SendAsync("abc");

        Assert.Equal(3, (await dialogue.ReceiveAsync()).Length);
        Assert.False((await dialogue.TryReceiveAsync()).HasMessage);
    }

    [Fact]
    public async Task A_handlers_failure_reaches_the_initiator_as_the_cause()
    {
        InvalidOperationException failure = new("No");
        ITalk talk = new Talk { OnPipe = (_, _) => throw failure };
        await using P2PStream stream = await talk.OpenPipeAsync();

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());

        Assert.Same(failure, e.Reason.Cause);
    }

    [Fact]
    public async Task A_token_cancels_the_handler()
    {
        using CancellationTokenSource source = new();
        ITalk talk = new Talk { OnPipe = static (_, context) => new(Task.Delay(Timeout.Infinite, context.CancellationToken)) };
        await using P2PStream stream = await talk.OpenPipeAsync(source.Token);

        await source.CancelAsync();

        OperationCanceledException e = await Assert.ThrowsAsync<OperationCanceledException>(() => stream.ReceiveAllAsync());
        Assert.Equal(source.Token, e.CancellationToken);
    }

    [Fact]
    public async Task Shapes_without_an_opening_are_called_as_they_are()
    {
        Talk talk = new Talk();

        Assert.Equal("a", await talk.AskAsync("a"));
        Assert.Equal(["a"], await talk.ChatAsync(Wire.Items("a")).ToListAsync());
    }
}
