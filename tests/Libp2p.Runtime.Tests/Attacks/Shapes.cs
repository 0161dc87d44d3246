namespace Libp2p.Tests.Attacks;

/// <summary>The columns of the matrix.</summary>
internal static class Shapes
{
    public static readonly IReadOnlyList<Shape> All =
    [
        new("1", "/parcels/1.0.0/ask", static call => call.Client.AskAsync(call.Parcel, call.Token).AsTask()),
        new("1?", "/parcels/1.0.0/maybe", static call => call.Client.MaybeAsync(call.Parcel, call.Token).AsTask()),
        new("2", "/parcels/1.0.0/tell", static call => call.Client.TellAsync(call.Parcel, call.Token).AsTask()),
        new("2m", "/parcels/1.0.0/tell-merged", static call => call.Client.TellMergedAsync(call.Parcel, call.Token).AsTask()),
        new("3", "/parcels/1.0.0/get", static call => call.Client.GetAsync(call.Token).AsTask()),
        new("3m", "/parcels/1.0.0/get-merged", static call => call.Client.GetMergedAsync(call.Token).AsTask()),
        new("4", "/parcels/1.0.0/list", static call => Call.ListAsync(call.Client.ListAsync(call.Parcel, call.Token))),
        new("4-", "/parcels/1.0.0/watch", static call => Call.ListAsync(call.Client.WatchAsync(call.Token))), // without a request
        new("5", "/parcels/1.0.0/pour", static call => call.Client.PourAsync(call.ItemsAsync(), call.Token).AsTask()),
        new("5o", "/parcels/1.0.0/pour", static async call => await call.WriteAsync(await call.Client.OpenPourAsync(call.Token))), // opened
        new("5r", "/parcels/1.0.0/sum", static call => call.Client.SumAsync(call.ItemsAsync(), call.Token).AsTask()), // with a result
        new("5q", "/parcels/1.0.0/sum", static async call => await call.WriteAsync(await call.Client.OpenSumAsync(call.Token))), // with a result, opened
        new("6", "/parcels/1.0.0/chat", static call => Call.ListAsync(call.Client.ChatAsync(call.ItemsAsync(), call.Token))),
        new("7", "/parcels/1.0.0/agree", static async call => await call.TalkAsync(await call.Client.OpenAgreeAsync(call.Token), sends: true)),
        new("7'", "/parcels/1.0.0/begin", BeginAsync),
        new("7+", "/parcels/1.0.0/begin", BeginAsync) { IsLater = true },
        new("8", "/parcels/1.0.0/pipe", static async call => await call.ReadAsync(await call.Client.OpenPipeAsync(call.Token))),
        new("8'", "/parcels/1.0.0/hand", HandAsync),
        new("8+", "/parcels/1.0.0/hand", HandAsync) { IsLater = true },
        new("id", "/kinds/1.0.0", static call => call.Connection.Client(IKinds.Protocol).LetterAsync(call.Parcel, call.Token).AsTask()) { Wrap = Wrap.Kind },
        new("en", "/wrapped/1.0.0", static call => call.Connection.Client(IWrapped.Protocol).SignAsync(call.Parcel, call.Token).AsTask()) { Wrap = Wrap.Envelope },
        new("5k", "/parcels/1.0.0/keep", static async call => await call.KeepWritingAsync(await call.Client.OpenKeepAsync(call.Token))), // a stream per peer
        new("6k", "/parcels/1.0.0/keep-both", static call => Call.ListAsync(call.Client.KeepBothAsync(call.ItemsAsync(), call.Token))),
        new("re", "/repeated/1.0.0", RepeatAsync) { IsReused = true },
        new("r+", "/repeated/1.0.0", static async call =>
        {
            await RepeatAsync(call with { Parcel = new Parcel() });
            await RepeatAsync(call);
        }) { IsReused = true, IsLater = true },
    ];

    public static Shape Named(string name) => All.Single(shape => shape.Name == name);

    private static async Task BeginAsync(Call call) => await call.TalkAsync(await call.Client.OpenBeginAsync(call.Parcel, call.Token), sends: false);

    private static async Task HandAsync(Call call) => await call.ReadAsync(await call.Client.OpenHandAsync(call.Parcel, call.Token));

    private static Task<Parcel> RepeatAsync(Call call) => call.Connection.Client(IRepeated.Protocol).AskAsync(call.Parcel, call.Token).AsTask();
}
