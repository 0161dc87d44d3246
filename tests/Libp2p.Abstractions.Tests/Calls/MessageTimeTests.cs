using Libp2p.Muxers;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>The time of one message and the time between messages: each runs where the other does not.</summary>
public sealed class MessageTimeTests
{
    private readonly ManualClock _clock = new();
    private readonly QueueScheduler _queue = new();

    [Fact]
    public async Task A_message_may_take_longer_than_the_time_between_messages()
    {
        (P2PStream initiator, Task responder) = Chat(read: 8, idle: 5);
        await PassAsync(initiator, 4, 3);
        await PassAsync(initiator, 3, (byte)'a');
        await PassAsync(initiator, 0, (byte)'b', (byte)'c');
        Assert.Equal(Wire.Frame("abc"), await initiator.ReceiveAsync(4));

        await PassAsync(initiator, 4);
        Assert.False(responder.IsCompleted);
        await PassAsync(initiator, 1);

        Assert.Contains("no message for 5 s", Failure(responder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_has_its_own_time_only()
    {
        (P2PStream initiator, Task responder) = Chat(read: 8, idle: 5);

        await PassAsync(initiator, 7, 3, (byte)'a');
        Assert.False(responder.IsCompleted);
        await PassAsync(initiator, 1, (byte)'b');

        Assert.Contains("a message took longer to arrive than 8 s", Failure(responder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_time_of_its_own_a_message_has_that_between_messages()
    {
        (P2PStream initiator, Task responder) = Chat(read: null, idle: 5);

        await PassAsync(initiator, 4, 3, (byte)'a');
        await PassAsync(initiator, 1, (byte)'b');

        Assert.Contains("no message for 5 s", Failure(responder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_messages_time_stands_still_while_nobody_waits_for_it()
    {
        TaskCompletionSource sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(5, 1);
                sent.SetResult();
                await stream.ReceiveAllAsync();
            },
            _clock);
        Protocol<ITalk> protocol = ITalk.Protocol.With("Agree", limits => limits with { Exchange = null, Read = TimeSpan.FromSeconds(8) });
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await protocol.CreateClient(opener).OpenAgreeAsync();
        await sent.Task;
        using CancellationTokenSource impatience = new();
        Task first = dialogue.ReceiveAsync(impatience.Token).AsTask();
        _clock.Advance(TimeSpan.FromSeconds(5));
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _clock.Advance(TimeSpan.FromHours(1));

        Task second = dialogue.ReceiveAsync().AsTask();
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(second.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => second);
    }

    [Fact]
    public async Task Half_a_request_on_a_reused_stream_has_the_time_of_a_message()
    {
        (P2PStream initiator, Task responder) = Ask(limits => limits with { Read = TimeSpan.FromSeconds(3) });
        await PassAsync(initiator, 20); // idle for long

        await PassAsync(initiator, 2, 5, (byte)'h');
        Assert.False(responder.IsCompleted);
        await PassAsync(initiator, 1);

        Assert.Contains("a message took longer to arrive than 3 s", Failure(responder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Half_a_request_on_a_reused_stream_has_the_exchanges_time_where_a_message_has_none()
    {
        (P2PStream initiator, Task responder) = Ask(limits => limits);
        await PassAsync(initiator, 25);

        await PassAsync(initiator, 9, 5, (byte)'h'); // neither ended by the time that the stream was idle
        Assert.False(responder.IsCompleted);
        await PassAsync(initiator, 1);

        Assert.Contains("the exchange took longer than 10 s", Failure(responder).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reused_stream_that_is_not_declared_to_end_when_idle_does_not()
    {
        Assert.Equal(Timeout.InfiniteTimeSpan, INever.Protocol.Settings("Ask").Limits.Idle);
        (P2PStream initiator, Task responder) = Serve(INever.Protocol.CreateHandlers(new Never())[0]);

        await PassAsync(initiator, 100_000);
        await PassAsync(initiator, 0, Wire.Frame("a"));

        Assert.Equal(Wire.Frame("a"), await initiator.ReceiveAsync(2));
        Assert.False(responder.IsCompleted);
    }

    [Fact]
    public async Task A_reused_stream_without_an_idle_time_ends_with_the_exchanges()
    {
        (P2PStream initiator, Task responder) = Ask(limits => limits with { Idle = null });

        await PassAsync(initiator, 10);

        Assert.True(responder.IsCompletedSuccessfully);
        Assert.Empty(await initiator.ReceiveAllAsync());
    }

    private (P2PStream Initiator, Task Responder) Chat(int? read, int idle) => Serve(ITalk.Protocol
        .With("Chat", limits => limits with
        {
            Exchange = TimeSpan.FromSeconds(60),
            Read = read is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Idle = TimeSpan.FromSeconds(idle),
        })
        .CreateHandlers(new Talk()).First(handler => handler.Ids[0].Value.EndsWith("/chat", StringComparison.Ordinal)));

    private (P2PStream Initiator, Task Responder) Ask(Func<OperationLimits, OperationLimits> change) =>
        Serve(IAgain.Protocol.With("Ask", change).CreateHandlers(new Talk())[0]);

    private (P2PStream Initiator, Task Responder) Serve(StreamHandler handler)
    {
        InMemoryStreamPair pair = new();
        P2PStream inbound = new(pair.Responder, handler.Ids[0], null, _clock);
        return (new P2PStream(pair.Initiator, handler.Ids[0], null, _clock), _queue.Start(async () =>
        {
            await handler.HandleAsync(inbound, default);
            await inbound.DisposeAsync();
        }));
    }

    /// <summary>Sends, and lets time pass.</summary>
    private async Task PassAsync(P2PStream initiator, int seconds, params byte[] bytes)
    {
        await initiator.SendAsync(bytes);
        _queue.RunUntilIdle();
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        _queue.RunUntilIdle();
    }

    private static DeadlineExceededException Failure(Task responder) => Assert.IsType<DeadlineExceededException>(responder.Exception?.InnerException);

    private sealed class Never : INever
    {
        public ValueTask<string> AskAsync(string question, CallContext context = default) => new(question);
    }
}

/// <summary>A stream that an initiator may keep for as long as it likes.</summary>
[Protocol("/never/1.0.0"), Reuse]
[Limits(MaxMessage = 100, ExchangeSeconds = 10, IdleSeconds = Seconds.Unbounded)]
internal partial interface INever
{
    ValueTask<string> AskAsync(string question, CallContext context = default);
}
