namespace Libp2p.Tests.Attacks;

/// <summary>Every shape. One stream a peer and no waiting: a place that is not given back fails the next exchange.</summary>
[Protocol("/parcels/1.0.0")]
[Limits(MaxMessage = 1 * Size.MiB, MaxElements = 100, ExchangeSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1, WhenFull = WhenFull.Refuse)]
internal partial interface IParcels
{
    [Id("ask")]
    ValueTask<Parcel> AskAsync(Parcel parcel, CallContext context = default);

    [Id("maybe")]
    ValueTask<Parcel?> MaybeAsync(Parcel parcel, CallContext context = default);

    [Id("tell")]
    ValueTask TellAsync(Parcel parcel, CallContext context = default);

    [Id("tell-merged"), Merge(MaxFrames = 10)]
    ValueTask TellMergedAsync(Parcel parcel, CallContext context = default);

    [Id("get")]
    ValueTask<Parcel> GetAsync(CallContext context = default);

    [Id("get-merged"), Merge(MaxFrames = 10)]
    ValueTask<Parcel> GetMergedAsync(CallContext context = default);

    [Id("list")]
    IAsyncEnumerable<Parcel> ListAsync(Parcel parcel, CallContext context = default);

    [Id("watch")]
    IAsyncEnumerable<Parcel> WatchAsync(CallContext context = default);

    [Id("pour")]
    ValueTask PourAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default);

    [Id("sum")]
    ValueTask<Parcel> SumAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default);

    [Id("chat")]
    IAsyncEnumerable<Parcel> ChatAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default);

    [Id("agree")]
    ValueTask AgreeAsync(Dialogue<Parcel, Parcel> dialogue, CallContext context = default);

    [Id("pipe")]
    ValueTask PipeAsync(P2PStream stream, CallContext context = default);

    [Id("begin")]
    ValueTask BeginAsync(Parcel first, Dialogue<Parcel, Parcel> rest, CallContext context = default);

    [Id("hand")]
    ValueTask HandAsync(Parcel first, P2PStream rest, CallContext context = default);

    [Id("keep"), PerPeer(1), Limits(ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 30)]
    ValueTask KeepAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default);

    [Id("keep-both"), PerPeer(1), Limits(ExchangeSeconds = Seconds.Unbounded, IdleSeconds = 30)]
    IAsyncEnumerable<Parcel> KeepBothAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default);
}

/// <summary>Operations that a field of the first message tells apart.</summary>
[Protocol("/kinds/1.0.0", Discriminator = nameof(Parcel.Kind))]
[Limits(MaxMessage = 1 * Size.MiB, MaxElements = 100, ExchangeSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1, WhenFull = WhenFull.Refuse)]
internal partial interface IKinds
{
    [On(Kind.Letter, Reply = Kind.Receipt)]
    ValueTask<Parcel> LetterAsync(Parcel parcel, CallContext context = default);

    [On(Kind.Box)]
    ValueTask BoxAsync(Parcel parcel, CallContext context = default);
}

/// <summary>Operations that the case of an envelope tells apart.</summary>
[Protocol("/wrapped/1.0.0"), Envelope<Wrapping>]
[Limits(MaxMessage = 1 * Size.MiB, MaxElements = 100, ExchangeSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1, WhenFull = WhenFull.Refuse)]
internal partial interface IWrapped
{
    ValueTask<Receipt> SignAsync(Parcel parcel, CallContext context = default);

    ValueTask DropAsync(Part part, CallContext context = default);
}

/// <summary>One stream for many exchanges.</summary>
[Protocol("/repeated/1.0.0"), Reuse]
[Limits(MaxMessage = 1 * Size.MiB, MaxElements = 100, ExchangeSeconds = 10, InboundPerPeer = 1, OutboundPerPeer = 1, WhenFull = WhenFull.Refuse)]
internal partial interface IRepeated
{
    ValueTask<Parcel> AskAsync(Parcel parcel, CallContext context = default);
}
