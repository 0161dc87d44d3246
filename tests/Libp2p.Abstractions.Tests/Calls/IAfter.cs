namespace Libp2p.Tests.Calls;

/// <summary>What follows a first message: typed messages or bytes, delimited as the first or in another way.</summary>
[Protocol("/after/1.0.0")]
[Limits(MaxMessage = 100, ExchangeSeconds = 10)]
internal partial interface IAfter
{
    [Id("talk")]
    ValueTask TalkAsync(string first, Dialogue<string, ReadOnlyMemory<byte>> rest, CallContext context = default);

    [Id("shake")]
    ValueTask ShakeAsync(
        [Framing(Framing.Fixed, Size = 4)] ReadOnlyMemory<byte> handshake, Dialogue<string, string> rest, CallContext context = default);

    [Id("measure"), Framing(Framing.Fixed, Size = 8)]
    ValueTask MeasureAsync(ReadOnlyMemory<byte> download, P2PStream transfer, CallContext context = default);

    [Id("line"), Framing(Framing.Line), Limits(MaxMessage = 10, IdleSeconds = 5, ExchangeSeconds = 60)]
    ValueTask LineAsync(string line, P2PStream rest, CallContext context = default);
}

/// <summary>A responder whose members a test fills in.</summary>
internal sealed class After : IAfter
{
    public Func<string, Dialogue<string, ReadOnlyMemory<byte>>, CallContext, ValueTask> OnTalk { get; init; } = static (_, _, _) => default;

    public Func<ReadOnlyMemory<byte>, P2PStream, CallContext, ValueTask> OnMeasure { get; init; } = static (_, _, _) => default;

    public Func<string, P2PStream, CallContext, ValueTask> OnLine { get; init; } = static (_, _, _) => default;

    public ValueTask TalkAsync(string first, Dialogue<string, ReadOnlyMemory<byte>> rest, CallContext context = default) =>
        OnTalk(first, rest, context);

    public async ValueTask ShakeAsync(ReadOnlyMemory<byte> handshake, Dialogue<string, string> rest, CallContext context = default) =>
        await rest.SendAsync($"{Convert.ToHexString(handshake.Span)} {await rest.ReceiveAsync()}");

    public ValueTask MeasureAsync(ReadOnlyMemory<byte> download, P2PStream transfer, CallContext context = default) =>
        OnMeasure(download, transfer, context);

    public ValueTask LineAsync(string line, P2PStream rest, CallContext context = default) => OnLine(line, rest, context);
}
