using Google.Protobuf;
using Libp2p.Tests.Host;

namespace Libp2p.Tests.Attacks;

/// <summary>An honest responder of every shape: says back what it is told, and a mebibyte where it is told nothing.</summary>
internal sealed class Parcels : IParcels, IKinds, IWrapped, IRepeated
{
    /// <summary>A message of exactly the limit.</summary>
    private static readonly Parcel s_big = new() { Load = ByteString.CopyFrom(new byte[(1 * Size.MiB) - 4]) };

    public ValueTask<Parcel> AskAsync(Parcel parcel, CallContext context = default) => new(parcel);

    public ValueTask<Parcel?> MaybeAsync(Parcel parcel, CallContext context = default) => new(parcel);

    public ValueTask TellAsync(Parcel parcel, CallContext context = default) => default;

    public ValueTask TellMergedAsync(Parcel parcel, CallContext context = default) => default;

    public ValueTask<Parcel> GetAsync(CallContext context = default) => new(s_big);

    public ValueTask<Parcel> GetMergedAsync(CallContext context = default) => new(s_big);

    public IAsyncEnumerable<Parcel> ListAsync(Parcel parcel, CallContext context = default) => Enumerable.Repeat(parcel, 3).ToAsyncEnumerable();

    public IAsyncEnumerable<Parcel> WatchAsync(CallContext context = default) => ListAsync(s_big, context);

    public async ValueTask PourAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => await SumAsync(parcels, context);

    public async ValueTask<Parcel> SumAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) =>
        await parcels.LastOrDefaultAsync(context.CancellationToken) ?? new Parcel();

    public IAsyncEnumerable<Parcel> ChatAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => parcels;

    public async ValueTask AgreeAsync(Dialogue<Parcel, Parcel> dialogue, CallContext context = default)
    {
        while (await dialogue.TryReceiveAsync(context.CancellationToken) is { HasMessage: true } received)
        {
            await dialogue.SendAsync(received.Message, context.CancellationToken);
        }
    }

    public ValueTask PipeAsync(P2PStream stream, CallContext context = default) => BytesHandler.EchoAsync(stream, context.CancellationToken);

    public async ValueTask BeginAsync(Parcel first, Dialogue<Parcel, Parcel> rest, CallContext context = default)
    {
        await rest.SendAsync(first, context.CancellationToken);
        await AgreeAsync(rest, context);
    }

    public async ValueTask HandAsync(Parcel first, P2PStream rest, CallContext context = default)
    {
        await rest.Output.WriteAsync(first.Load.Memory, context.CancellationToken);
        await PipeAsync(rest, context);
    }

    public ValueTask KeepAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => PourAsync(parcels, context);

    public IAsyncEnumerable<Parcel> KeepBothAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => parcels;

    public ValueTask<Parcel> LetterAsync(Parcel parcel, CallContext context = default) => new(parcel);

    public ValueTask BoxAsync(Parcel parcel, CallContext context = default) => default;

    public ValueTask<Receipt> SignAsync(Parcel parcel, CallContext context = default) => new(new Receipt { Load = parcel.Load });

    public ValueTask DropAsync(Part part, CallContext context = default) => default;
}
