using System.Buffers;
using Libp2p.TestKit;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>
/// Bytes that a call returns are the caller's; those of a parameter, an item or a dialogue's message are lent until the next read or the
/// return. Memory that was given back is spoilt at once, that of pipes and that of the pool.
/// </summary>
public sealed class ByteLifetimeTests : IDisposable
{
    private readonly ArrayPoolPoison _poison = new();

    /// <summary>Read where it lies, and taken out as it arrives.</summary>
    public static TheoryData<int> Sizes => [5, 20_000];

    public void Dispose() => _poison.Dispose();

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_a_unary_call_returns_is_the_callers(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ILent client = ILent.Protocol.CreateClient(opener);

        ReadOnlyMemory<byte> memory = await client.AskAsync(Lent.Message(size));
        ReadOnlySequence<byte> sequence = await client.PieceAsync(Lent.Sequence(size));

        await EndAsync(opener);
        Assert.Equal(Lent.Message(size), memory.ToArray());
        Assert.Equal(Lent.Message(size), sequence.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_is_pushed_is_lent_to_the_handler_and_what_is_pulled_is_the_callers(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ILent client = ILent.Protocol.CreateClient(opener);

        await client.TellAsync(Lent.Sequence(size));
        ReadOnlySequence<byte> pulled = await client.GetAsync();

        await EndAsync(opener);
        Assert.Equal(Lent.Message(size), pulled.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task An_item_is_lent_until_the_next(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ReadOnlySequence<byte> kept = default;
        int number = 0;

        await foreach (ReadOnlySequence<byte> item in ILent.Protocol.CreateClient(opener).ListAsync(Lent.Message(size)))
        {
            Assert.False(number > 0 && kept.ToArray().SequenceEqual(Lent.Message(size, number - 1)), "What has lapsed is spoilt");
            Assert.Equal(Lent.Message(size, number++), item.ToArray());
            kept = item;
        }

        Assert.Equal(3, number);
        await EndAsync(opener);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Both_sides_of_a_duplex_call_are_lent_one_item_at_a_time(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        int number = 0;

        await foreach (ReadOnlyMemory<byte> item in ILent.Protocol.CreateClient(opener).ChatAsync(Lent.Messages(size)))
        {
            await Task.Yield();
            Assert.Equal(Lent.Message(size, number++), item.ToArray());
        }

        Assert.Equal(3, number);
        await EndAsync(opener);
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_a_client_stream_ends_with_is_the_callers(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ILent client = ILent.Protocol.CreateClient(opener);

        await client.PourAsync(Lent.Messages(size).Select(message => new ReadOnlySequence<byte>(message)));
        ReadOnlySequence<byte> sum = await client.SumAsync(Lent.Messages(size));

        await EndAsync(opener);
        Assert.Equal(Lent.Message(size), sum.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task What_an_opened_client_stream_ends_with_is_the_callers_too(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ReadOnlySequence<byte> sum;

        await using (MessageWriter<ReadOnlyMemory<byte>, ReadOnlySequence<byte>> writer = await ILent.Protocol.CreateClient(opener).OpenSumAsync())
        {
            await writer.WriteAsync(Lent.Message(size));
            sum = await writer.CompleteAsync();
        }

        await EndAsync(opener);
        Assert.Equal(Lent.Message(size), sum.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_dialogues_message_is_lent_until_the_next_and_a_first_message_is_the_handlers(int size)
    {
        await using InMemoryOpener opener = Opener(size);
        ILent client = ILent.Protocol.CreateClient(opener);

        await using (Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> dialogue = await client.OpenAgreeAsync())
        {
            await ConverseAsync(dialogue, size);
        }

        await using (Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> rest = await client.OpenAfterAsync(Lent.Sequence(size)))
        {
            await ConverseAsync(rest, size);
        }

        await using (P2PStream rest = await client.OpenBytesAsync(Lent.Sequence(size)))
        {
            await rest.SendLastAsync(1, 2, 3);
            Assert.Equal([1, 2, 3], await rest.ReceiveAllAsync());
        }

        await EndAsync(opener);
    }

    private static async Task ConverseAsync(Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> dialogue, int size)
    {
        for (int i = 0; i < 2; i++)
        {
            await dialogue.SendAsync(Lent.Sequence(size));
            ReadOnlySequence<byte> received = await dialogue.ReceiveAsync();
            await Task.Yield();
            Assert.Equal(Lent.Message(size), received.ToArray());
        }

        await dialogue.CompleteAsync();
        Assert.False((await dialogue.TryReceiveAsync()).HasMessage);
    }

    private static InMemoryOpener Opener(int size)
    {
        IReadOnlyList<StreamHandler> handlers = ILent.Protocol.CreateHandlers(new Lent(size));
        return new InMemoryOpener(stream => handlers.First(handler => handler.Ids.Contains(stream.Protocol)).HandleAsync(stream, default))
        {
            Around = static stream => new PoisoningStream(stream),
        };
    }

    /// <summary>Waits until nothing of the calls runs, and each handler was content with what it was lent.</summary>
    private static async Task EndAsync(InMemoryOpener opener)
    {
        await opener.DisposeAsync();
        Assert.All(await opener.RemotesAsync(), Assert.Null);
    }
}
