namespace Libp2p.Tests.Host;

/// <summary>A protocol in two versions, for what happens between nodes around a call.</summary>
[Protocol("/say/1.1.0", "/say/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface ISay
{
    [Id("say")]
    ValueTask<string> SayAsync(string question, CallContext context = default);
}

internal sealed class Said : ISay
{
    public ValueTask<string> SayAsync(string question, CallContext context = default) => ValueTask.FromResult($"{question}, {context.Protocol}");
}
