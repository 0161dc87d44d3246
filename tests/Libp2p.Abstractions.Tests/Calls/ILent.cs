using System.Buffers;
using System.Runtime.CompilerServices;

namespace Libp2p.Tests.Calls;

/// <summary>Every shape that gives or lends bytes.</summary>
[Protocol("/lent/1.0.0")]
[Limits(MaxMessage = 64 * Size.KiB, ExchangeSeconds = 10)]
internal partial interface ILent
{
    [Id("ask")]
    ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CallContext context = default);

    [Id("piece")]
    ValueTask<ReadOnlySequence<byte>> PieceAsync(ReadOnlySequence<byte> request, CallContext context = default);

    [Id("tell")]
    ValueTask TellAsync(ReadOnlySequence<byte> message, CallContext context = default);

    [Id("get")]
    ValueTask<ReadOnlySequence<byte>> GetAsync(CallContext context = default);

    [Id("list")]
    IAsyncEnumerable<ReadOnlySequence<byte>> ListAsync(ReadOnlyMemory<byte> request, CallContext context = default);

    [Id("pour")]
    ValueTask PourAsync(IAsyncEnumerable<ReadOnlySequence<byte>> messages, CallContext context = default);

    [Id("sum")]
    ValueTask<ReadOnlySequence<byte>> SumAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> messages, CallContext context = default);

    [Id("chat")]
    IAsyncEnumerable<ReadOnlyMemory<byte>> ChatAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> messages, CallContext context = default);

    [Id("agree")]
    ValueTask AgreeAsync(Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> dialogue, CallContext context = default);

    [Id("after")]
    ValueTask AfterAsync(ReadOnlySequence<byte> first, Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> rest, CallContext context = default);

    [Id("bytes")]
    ValueTask BytesAsync(ReadOnlySequence<byte> first, P2PStream rest, CallContext context = default);
}

/// <summary>A responder that looks at what it was lent for as long as it may, and sends as much back.</summary>
internal sealed class Lent(int size) : ILent
{
    /// <summary>A message that can be told from what has lapsed, and from the next one.</summary>
    public static byte[] Message(int size, int number = 0) => [.. Enumerable.Range(0, size).Select(i => (byte)((i + number) % 101))];

    public static ReadOnlySequence<byte> Sequence(int size, int number = 0) => new(Message(size, number));

    /// <summary>Messages of which each is another.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Messages(int size, [EnumeratorCancellation] CancellationToken token = default)
    {
        for (int i = 0; i < 3; i++)
        {
            await Task.Yield();
            token.ThrowIfCancellationRequested();
            yield return Message(size, i);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> AskAsync(ReadOnlyMemory<byte> request, CallContext context = default)
    {
        await LooksAsync(new(request));
        return request;
    }

    public async ValueTask<ReadOnlySequence<byte>> PieceAsync(ReadOnlySequence<byte> request, CallContext context = default)
    {
        await LooksAsync(request);
        return request;
    }

    public async ValueTask TellAsync(ReadOnlySequence<byte> message, CallContext context = default) => await LooksAsync(message);

    public ValueTask<ReadOnlySequence<byte>> GetAsync(CallContext context = default) => new(Sequence(size));

    public async IAsyncEnumerable<ReadOnlySequence<byte>> ListAsync(ReadOnlyMemory<byte> request, CallContext context = default)
    {
        await foreach (ReadOnlyMemory<byte> message in Messages(size))
        {
            await LooksAsync(new(request));
            yield return new(message);
        }
    }

    public async ValueTask PourAsync(IAsyncEnumerable<ReadOnlySequence<byte>> messages, CallContext context = default)
    {
        int number = 0;
        await foreach (ReadOnlySequence<byte> message in messages)
        {
            await LooksAsync(message, number++);
        }
    }

    public async ValueTask<ReadOnlySequence<byte>> SumAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> messages, CallContext context = default)
    {
        await PourAsync(messages.Select(message => new ReadOnlySequence<byte>(message)), context);
        return Sequence(size);
    }

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ChatAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> messages, CallContext context = default)
    {
        await foreach (ReadOnlyMemory<byte> message in messages)
        {
            yield return message;
        }
    }

    public async ValueTask AgreeAsync(Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> dialogue, CallContext context = default)
    {
        while (await dialogue.TryReceiveAsync() is { HasMessage: true } received)
        {
            await LooksAsync(received.Message);
            await dialogue.SendAsync(received.Message);
        }
    }

    public async ValueTask AfterAsync(
        ReadOnlySequence<byte> first, Dialogue<ReadOnlySequence<byte>, ReadOnlySequence<byte>> rest, CallContext context = default)
    {
        await AgreeAsync(rest, context);
        await LooksAsync(first);
    }

    public async ValueTask BytesAsync(ReadOnlySequence<byte> first, P2PStream rest, CallContext context = default)
    {
        await rest.Input.CopyToAsync(rest.Output);
        await LooksAsync(first);
    }

    private async ValueTask LooksAsync(ReadOnlySequence<byte> lent, int number = 0)
    {
        await Task.Yield();
        Assert.Equal(Message(size, number), lent.ToArray());
    }
}
