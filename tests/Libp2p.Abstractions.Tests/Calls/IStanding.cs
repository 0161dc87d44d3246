namespace Libp2p.Tests.Calls;

/// <summary>Long-lived streams to each peer.</summary>
[Protocol("/standing/1.1.0", "/standing/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = Seconds.Unbounded, IdleSeconds = Seconds.Unbounded, OutboundPerPeer = 1)]
internal partial interface IStanding
{
    [Id("pour"), PerPeer(1)]
    ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default);

    [Id("talk"), PerPeer(1)]
    IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> messages, CallContext context = default);
}

/// <summary>A responder that keeps what it is told, and says it back.</summary>
internal sealed class Standing : IStanding
{
    public List<string> Told { get; } = [];

    public async ValueTask PourAsync(IAsyncEnumerable<string> messages, CallContext context = default)
    {
        await foreach (string message in messages)
        {
            Told.Add(message);
        }
    }

    public IAsyncEnumerable<string> TalkAsync(IAsyncEnumerable<string> messages, CallContext context = default) => messages;
}
