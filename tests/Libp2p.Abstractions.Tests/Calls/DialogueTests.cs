using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class DialogueTests
{
    private static readonly Talk s_polite = new()
    {
        OnAgree = static async (dialogue, context) =>
        {
            while (await dialogue.TryReceiveAsync(context.CancellationToken) is { HasMessage: true } received)
            {
                await dialogue.SendAsync(new byte[received.Message.Length], context.CancellationToken);
            }
        },
    };

    [Fact]
    public async Task Either_side_speaks_in_its_turn()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_polite);
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync();

        await dialogue.SendAsync("abc");
        Assert.Equal(3, (await dialogue.ReceiveAsync()).Length);
        await dialogue.SendAsync("");
        Assert.Equal(0, (await dialogue.ReceiveAsync()).Length);
        await dialogue.CompleteAsync();
        Assert.False((await dialogue.TryReceiveAsync()).HasMessage);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_end_where_a_message_was_due_is_a_violation()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync();

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await dialogue.ReceiveAsync());
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_loses_no_byte()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.SendAsync(5, 1, 2);
            await stream.ReceiveAsync(2);
            await stream.SendAsync(3, 4, 5);
            await stream.ReceiveAllAsync();
        });
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync();
        using CancellationTokenSource source = new();
        Task waiting = dialogue.ReceiveAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await dialogue.SendAsync("a");

        Assert.Equal([1, 2, 3, 4, 5], (await dialogue.ReceiveAsync()).ToArray());
    }

    [Fact]
    public async Task A_dialogue_is_detached_with_its_unread_bytes_and_without_its_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(1, 7, 8, 9);
                await stream.ReceiveAllAsync();
            },
            clock);
        Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync();
        Assert.Equal([7], (await dialogue.ReceiveAsync()).ToArray());

        await using P2PStream stream = dialogue.Detach();
        await dialogue.DisposeAsync();
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal([8, 9], await stream.ReceiveAsync(2));
        Assert.Null(stream.End);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(50_000)]
    public async Task What_had_arrived_of_a_message_is_read_by_whoever_takes_the_stream(int length)
    {
        byte[] prefix = length < 0x80 ? [(byte)length] : [(byte)(length | 0x80), (byte)((length >> 7) | 0x80), (byte)(length >> 14)];
        byte[] frame = [.. prefix, .. Enumerable.Range(0, length).Select(i => (byte)i)];
        TaskCompletionSource half = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource detached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.SendAsync(frame[..^2]);
            half.SetResult();
            await detached.Task;
            await stream.SendLastAsync(frame[^2..]);
        });
        Protocol<ITalk> protocol = ITalk.Protocol.With("Agree", limits => limits with { MaxResponse = length });
        Dialogue<ReadOnlyMemory<byte>, string> dialogue = await protocol.CreateClient(opener).OpenAgreeAsync();
        await half.Task;
        using CancellationTokenSource source = new();
        Task waiting = dialogue.ReceiveAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        await using P2PStream stream = dialogue.Detach();

        Assert.Equal(frame[..3], await stream.ReceiveAsync(3)); // although nothing more has come
        detached.SetResult();
        Assert.Equal(frame[3..], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_handler_detaches_and_its_return_ends_nothing()
    {
        ManualClock clock = new();
        P2PStream? detached = null;
        Talk talk = new()
        {
            OnAgree = async (dialogue, context) =>
            {
                await dialogue.ReceiveAsync(context.CancellationToken);
                detached = dialogue.Detach();
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk, clock);
        await using P2PStream stream = await opener.OpenAsync("Agree");
        await stream.SendAsync([.. Wire.Frame("a"), 8, 9]);
        Assert.Equal([null], await opener.RemotesAsync());
        clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal([8, 9], await detached!.ReceiveAsync(2));
        await detached!.SendAsync(7);
        Assert.Equal([7], await stream.ReceiveAsync(1));
        await detached!.DisposeAsync();
    }

    [Fact]
    public async Task A_dialogues_time_ends_it()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_polite, clock);
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(opener).OpenAgreeAsync();
        Task receiving = dialogue.ReceiveAsync().AsTask();

        clock.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => receiving);
        await Assert.ThrowsAsync<DeadlineExceededException>(async () => await dialogue.SendAsync("a"));
        Assert.NotNull(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task The_declared_form_joins_a_dialogue_to_the_remote()
    {
        await using InMemoryOpener remote = InMemoryOpener.To<ITalk>(ITalk.Protocol, s_polite);
        ITalk client = ITalk.Protocol.CreateClient(remote);
        await using InMemoryOpener relay = InMemoryOpener.To(ITalk.Protocol, client); // serves with a client: a proxy
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(relay).OpenAgreeAsync();

        await dialogue.SendAsync("abc");
        Assert.Equal(3, (await dialogue.ReceiveAsync()).Length);
        await dialogue.CompleteAsync();
        Assert.False((await dialogue.TryReceiveAsync()).HasMessage);

        Assert.Equal([null], await relay.RemotesAsync());
        Assert.Equal([null], await remote.RemotesAsync());
    }

    [Fact]
    public async Task A_joined_dialogue_passes_failures_on()
    {
        await using InMemoryOpener remote = new(async stream =>
        {
            await stream.ReceiveAsync(2);
            stream.Reset(new ErrorCode(0x10005));
        });
        await using InMemoryOpener relay = InMemoryOpener.To(ITalk.Protocol, ITalk.Protocol.CreateClient(remote));
        await using Dialogue<ReadOnlyMemory<byte>, string> dialogue = await ITalk.Protocol.CreateClient(relay).OpenAgreeAsync();

        await dialogue.SendAsync("a");

        await Assert.ThrowsAsync<StreamResetException>(async () => await dialogue.ReceiveAsync());
        Assert.IsType<StreamResetException>(Assert.Single(await relay.RemotesAsync()));
    }
}
