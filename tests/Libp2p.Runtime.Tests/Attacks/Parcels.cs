using Google.Protobuf;
using Libp2p.Tests.Host;

namespace Libp2p.Tests.Attacks;

/// <summary>An honest responder of every shape: says back what it is told, and a mebibyte where it is told nothing.</summary>
/// <param name="step">Awaited between any two of its steps; null: nothing comes between.</param>
internal sealed class Parcels(Func<Task>? step = null) : IParcels, IKinds, IWrapped, IRepeated
{
    /// <summary>A message of exactly the limit.</summary>
    private static readonly Parcel s_big = new() { Load = ByteString.CopyFrom(new byte[(1 * Size.MiB) - 4]) };

    public async ValueTask<Parcel> AskAsync(Parcel parcel, CallContext context = default)
    {
        await StepAsync();
        return parcel;
    }

    public async ValueTask<Parcel?> MaybeAsync(Parcel parcel, CallContext context = default) => await AskAsync(parcel, context);

    public async ValueTask TellAsync(Parcel parcel, CallContext context = default) => await StepAsync();

    public async ValueTask TellMergedAsync(Parcel parcel, CallContext context = default) => await StepAsync();

    public ValueTask<Parcel> GetAsync(CallContext context = default) => AskAsync(s_big, context);

    public ValueTask<Parcel> GetMergedAsync(CallContext context = default) => AskAsync(s_big, context);

    public IAsyncEnumerable<Parcel> ListAsync(Parcel parcel, CallContext context = default) => ChatAsync(Enumerable.Repeat(parcel, 3).ToAsyncEnumerable(), context);

    public IAsyncEnumerable<Parcel> WatchAsync(CallContext context = default) => ListAsync(s_big, context);

    public async ValueTask PourAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => await SumAsync(parcels, context);

    public async ValueTask<Parcel> SumAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) =>
        await ChatAsync(parcels, context).LastOrDefaultAsync(context.CancellationToken) ?? new Parcel();

    public async IAsyncEnumerable<Parcel> ChatAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default)
    {
        await StepAsync();
        await foreach (Parcel parcel in parcels)
        {
            yield return parcel;
            await StepAsync();
        }
    }

    public async ValueTask AgreeAsync(Dialogue<Parcel, Parcel> dialogue, CallContext context = default)
    {
        await StepAsync();
        while (await dialogue.TryReceiveAsync(context.CancellationToken) is { HasMessage: true } received)
        {
            await dialogue.SendAsync(received.Message, context.CancellationToken);
            await StepAsync();
        }
    }

    public async ValueTask PipeAsync(P2PStream stream, CallContext context = default)
    {
        await StepAsync();
        await BytesHandler.EchoAsync(stream, context.CancellationToken);
        await StepAsync();
    }

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

    public IAsyncEnumerable<Parcel> KeepBothAsync(IAsyncEnumerable<Parcel> parcels, CallContext context = default) => ChatAsync(parcels, context);

    public ValueTask<Parcel> LetterAsync(Parcel parcel, CallContext context = default) => AskAsync(parcel, context);

    public ValueTask BoxAsync(Parcel parcel, CallContext context = default) => TellAsync(parcel, context);

    public async ValueTask<Receipt> SignAsync(Parcel parcel, CallContext context = default) => new() { Load = (await AskAsync(parcel, context)).Load };

    public ValueTask DropAsync(Part part, CallContext context = default) => default;

    private Task StepAsync() => step?.Invoke() ?? Task.CompletedTask;
}
