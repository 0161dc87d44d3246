using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <content>With <see cref="PerPeerAttribute"/>: one long-lived stream, opened again when it breaks.</content>
public sealed partial class ClientStreamOperation<T, TMessage>
{
    /// <summary>Opens a long-lived stream to the responder.</summary>
    /// <param name="settings">The bounds in force, for each of the streams.</param>
    /// <param name="opener">Opens the streams, and ends the last one with its node.</param>
    /// <param name="hello">What goes first on every stream; given the id agreed on it.</param>
    /// <param name="context">Cancellation of all of it; time for the first opening.</param>
    /// <returns>What writes the messages; the caller's.</returns>
    public async ValueTask<MessageWriter<TMessage>> OpenAsync(
        OperationSettings settings, IStreamOpener opener, Func<ProtocolId, IEnumerable<TMessage>> hello, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return await PerPeerStream<TMessage>.OpenAsync(
            async token => (await ClientCall.OpenAsync(this, settings, opener, new CallContext(token, info: context.Info)))
                .Writer(Request, Framing).WatchingForEnd(),
            hello,
            settings,
            opener,
            context);
    }

    /// <summary>Runs the member of an implementation in this process, over one pair in memory.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="hello">What goes first.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>What writes the messages. Disposing of it waits for the implementation.</returns>
    public async ValueTask<MessageWriter<TMessage>> OpenAsync(
        T handler, OperationSettings settings, Func<ProtocolId, IEnumerable<TMessage>> hello, CallContext context = default)
    {
        MessageWriter<TMessage> writer = await OpenAsync(handler, settings, context);
        foreach (TMessage message in hello(writer.Protocol))
        {
            await writer.WriteAsync(message, context.CancellationToken);
        }

        return writer;
    }

    private async ValueTask PourAsync(OperationSettings settings, IStreamOpener opener, IAsyncEnumerable<TMessage> messages, CallContext context)
    {
        await using MessageWriter<TMessage> writer = await OpenAsync(settings, opener, static _ => [], context);
        PerPeerStream<TMessage> streams = writer.PerPeer!;
        GivenItems<TMessage> items = new(messages, Name, new CallLife(opener.Time, opener, streams.Ends));
        try
        {
            while (await items.MoveNextAsync())
            {
                await writer.WriteAsync(items.Current, context.CancellationToken);
            }
        }
        catch (Exception e)
        {
            bool isOver = e is OperationCanceledException && streams.Ends.IsCancellationRequested;
            await writer.DisposeAsync(); // which ends what the source waits for
            await items.EndAsync().SucceedsAsync();
            if (isOver)
            {
                streams.ThrowIfOver();
            }

            throw;
        }

        await items.EndAsync();
        await writer.CompleteAsync(context.CancellationToken);
    }
}
