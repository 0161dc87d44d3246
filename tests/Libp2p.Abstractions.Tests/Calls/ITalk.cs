namespace Libp2p.Tests.Calls;

/// <summary>Every shape, over text, so that a test can write what goes over the wire: a length and letters.</summary>
[Protocol("/talk/1.1.0", "/talk/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface ITalk
{
    [Id("ask")]
    ValueTask<string> AskAsync(string question, CallContext context = default);

    [Id("maybe")]
    ValueTask<string?> MaybeAsync(string question, CallContext context = default);

    [Id("tell")]
    ValueTask TellAsync(string message, CallContext context = default);

    [Id("get")]
    ValueTask<string> GetAsync(CallContext context = default);

    [Id("list")]
    IAsyncEnumerable<string> ListAsync(string question, CallContext context = default);

    [Id("watch")]
    IAsyncEnumerable<string> WatchAsync(CallContext context = default);

    [Id("pour")]
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("sum")]
    ValueTask<string> SumAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("chat"), Limits(MaxMessage = 100, ReadSeconds = 3, IdleSeconds = 5, ExchangeSeconds = 60)]
    IAsyncEnumerable<string> ChatAsync(IAsyncEnumerable<string> said, CallContext context = default);

    [Id("agree")]
    ValueTask AgreeAsync(Dialogue<string, ReadOnlyMemory<byte>> dialogue, CallContext context = default);

    [Id("pipe")]
    ValueTask PipeAsync(P2PStream stream, CallContext context = default);

    [Id("new"), Since("/talk/1.1.0")]
    ValueTask<string> NewAsync(string question, CallContext context = default);

    [Id("whole"), Framing(Framing.None)]
    ValueTask<ReadOnlyMemory<byte>> WholeAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);

    [Id("big"), Limits(MaxMessage = 4 * Size.MiB)]
    ValueTask<ReadOnlyMemory<byte>> BigAsync(ReadOnlyMemory<byte> bytes, CallContext context = default);
}

/// <summary>One stream for many exchanges.</summary>
[Protocol("/again/1.0.0"), Reuse]
[Limits(MaxMessage = 100, ExchangeSeconds = 10, IdleSeconds = 30)]
internal partial interface IAgain
{
    [Id("ask"), Idempotent]
    ValueTask<string> AskAsync(string question, CallContext context = default);

    [Id("maybe"), Idempotent]
    ValueTask<string?> MaybeAsync(string question, CallContext context = default);

    [Id("tell")]
    ValueTask TellAsync(string message, CallContext context = default);

    [Id("pay")]
    ValueTask<string> PayAsync(string order, CallContext context = default);

    [Id("perhaps")]
    ValueTask<string?> PerhapsAsync(string order, CallContext context = default);
}

/// <summary>As a responder many exchanges on one stream, as an initiator a stream each.</summary>
[Protocol("/once/1.0.0"), Reuse(IdleSeconds = 0)]
[Limits(MaxMessage = 100, ExchangeSeconds = 10, IdleSeconds = 30)]
internal partial interface IOnce
{
    [Id("ask")]
    ValueTask<string> AskAsync(string question, CallContext context = default);
}
