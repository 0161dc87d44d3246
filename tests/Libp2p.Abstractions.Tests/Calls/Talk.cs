namespace Libp2p.Tests.Calls;

/// <summary>A responder whose members a test fills in.</summary>
internal sealed class Talk : ITalk, IAgain, IOnce
{
    public Func<string, CallContext, ValueTask<string?>> OnAsk { get; init; } = static (question, _) => new(question);

    public Func<CallContext, IAsyncEnumerable<string>> OnList { get; init; } = static _ => AsyncEnumerable.Empty<string>();

    public Func<IAsyncEnumerable<string>, CallContext, IAsyncEnumerable<string>> OnChat { get; init; } = static (said, _) => said;

    public Func<IAsyncEnumerable<string>, CallContext, ValueTask<string>> OnSum { get; init; } = static async (messages, context) =>
        string.Concat(await messages.ToListAsync(context.CancellationToken));

    public Func<Dialogue<string, ReadOnlyMemory<byte>>, CallContext, ValueTask> OnAgree { get; init; } = static (_, _) => default;

    public Func<P2PStream, CallContext, ValueTask> OnPipe { get; init; } = static (_, _) => default;

    public List<string> Told { get; } = [];

    public async ValueTask<string> AskAsync(string question, CallContext context = default) => (await OnAsk(question, context))!;

    public ValueTask<string?> MaybeAsync(string question, CallContext context = default) => OnAsk(question, context);

    public ValueTask<string> PayAsync(string order, CallContext context = default) => AskAsync(order, context);

    public ValueTask<string?> PerhapsAsync(string order, CallContext context = default) => OnAsk(order, context);

    public ValueTask TellAsync(string message, CallContext context = default)
    {
        Told.Add(message);
        return default;
    }

    public ValueTask<string> GetAsync(CallContext context = default) => AskAsync("got", context);

    public IAsyncEnumerable<string> ListAsync(string question, CallContext context = default) => OnList(context);

    public IAsyncEnumerable<string> WatchAsync(CallContext context = default) => OnList(context);

    public async ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default) => Told.Add(await OnSum(messages, context));

    public ValueTask<string> SumAsync(IAsyncEnumerable<string> messages, CallContext context = default) => OnSum(messages, context);

    public IAsyncEnumerable<string> ChatAsync(IAsyncEnumerable<string> said, CallContext context = default) => OnChat(said, context);

    public ValueTask AgreeAsync(Dialogue<string, ReadOnlyMemory<byte>> dialogue, CallContext context = default) => OnAgree(dialogue, context);

    public ValueTask PipeAsync(P2PStream stream, CallContext context = default) => OnPipe(stream, context);

    public ValueTask<string> NewAsync(string question, CallContext context = default) => AskAsync(question, context);

    public ValueTask<ReadOnlyMemory<byte>> WholeAsync(ReadOnlyMemory<byte> bytes, CallContext context = default) => new(bytes);

    public ValueTask<ReadOnlyMemory<byte>> BigAsync(ReadOnlyMemory<byte> bytes, CallContext context = default) => new(bytes);
}
