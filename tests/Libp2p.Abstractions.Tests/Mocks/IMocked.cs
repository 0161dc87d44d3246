namespace Libp2p.Tests.Mocks;

/// <summary>A protocol as users declare them: public, so that a mock of it is an ordinary mock.</summary>
[Protocol("/mocked/1.0.0")]
[Limits(MaxMessage = 1024, ExchangeSeconds = 10)]
public partial interface IMocked
{
    [Id("ask")]
    ValueTask<string> AskAsync(string question, CallContext context = default);

    [Id("maybe")]
    ValueTask<string?> MaybeAsync(string question, CallContext context = default);

    [Id("watch")]
    IAsyncEnumerable<string> WatchAsync(CallContext context = default);

    [Id("pour")]
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("agree")]
    ValueTask AgreeAsync(Dialogue<string, string> dialogue, CallContext context = default);

    [Id("pipe")]
    ValueTask PipeAsync(P2PStream stream, CallContext context = default);

    /// <summary>A helper.</summary>
    ValueTask<string> AskTwiceAsync(string question) => AskAsync(question + question);
}
