namespace Libp2p.Tests.Host;

/// <summary>Bounds on the responder's side only, and a declared failure.</summary>
[Protocol("/errand/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 30, InboundPerPeer = 8)]
[ResetCode(0x10001, typeof(KeyNotFoundException))]
internal partial interface IErrand
{
    [Id("run")]
    ValueTask<string> RunAsync(string errand, CallContext context = default);

    [Id("watch")]
    IAsyncEnumerable<string> WatchAsync(CallContext context = default);
}

/// <summary>A responder whose members a test fills in.</summary>
internal sealed class Errand : IErrand
{
    public Func<string, CallContext, ValueTask<string>> OnRun { get; init; } = static (errand, _) => new(errand);

    public ValueTask<string> RunAsync(string errand, CallContext context = default) => OnRun(errand, context);

    public async IAsyncEnumerable<string> WatchAsync(CallContext context = default)
    {
        yield return await OnRun("watch", context);
    }
}
