namespace Libp2p.Tests.Host;

/// <summary>A protocol in two versions, for what happens between nodes around a call.</summary>
[Protocol("/ask/1.1.0", "/ask/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface IAsk
{
    [Id("say")]
    ValueTask<string> SayAsync(string question, CallContext context = default);
}

internal sealed class Asked : IAsk
{
    public ValueTask<string> SayAsync(string question, CallContext context = default) => ValueTask.FromResult($"{question}, {context.Protocol}");
}
