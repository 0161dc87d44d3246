using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>A first message, then typed messages in an agreed order. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TFirst">What the initiator begins with.</typeparam>
/// <typeparam name="TReceived">What the responder receives after it.</typeparam>
/// <typeparam name="TSent">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FirstThenDialogueOperation<T, TFirst, TReceived, TSent> : Operation<T>
    where T : class
{
    /// <summary>The first message's codec.</summary>
    public required MessageCodec<TFirst> First { get; init; }

    /// <summary>The codec of what the responder receives.</summary>
    public required MessageCodec<TReceived> Received { get; init; }

    /// <summary>The codec of what the responder sends.</summary>
    public required MessageCodec<TSent> Sent { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>How the first message is delimited; null: as the others.</summary>
    public MessageFraming? FirstFraming { get; init; }

    /// <summary>The member of the interface.</summary>
    public required Func<T, TFirst, Dialogue<TReceived, TSent>, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.FirstThenDialogue;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TFirst> reader = new(stream, First, FirstFraming ?? Framing, settings.Limits.MaxRequest, exchange);
        try
        {
            await ConverseAsync(handler, await reader.ReadFirstAsync(settings), stream, settings, exchange);
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    internal override MessageFraming? SharedFraming => FirstFraming ?? Framing;

    internal override async ValueTask<bool> ServeAsync(T handler, FirstMessage first)
    {
        await ConverseAsync(handler, first.Take(First), first.Stream, first.Settings, first.Exchange);
        return false;
    }

    /// <summary>Opens a dialogue with the responder, and sends the first message. Our direction stays open.</summary>
    /// <param name="settings">The bounds in force, until the dialogue is detached or disposed of.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="first">Lent until the task completes.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>The initiator's end; the caller's.</returns>
    public async ValueTask<Dialogue<TSent, TReceived>> OpenAsync(
        OperationSettings settings, IStreamOpener opener, TFirst first, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return await BeginAsync(await ClientCall.OpenAsync(this, settings, opener, context, endsWithStream: false), first);
    }

    /// <summary>Runs the member of an implementation in this process, over a pair in memory, and sends it the first message.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="first">Lent until the task completes.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>The initiator's end. Disposing of it waits for the implementation.</returns>
    public ValueTask<Dialogue<TSent, TReceived>> OpenAsync(T handler, OperationSettings settings, TFirst first, CallContext context = default) =>
        BeginAsync(LocalCall.Start(this, handler, settings, context, endsWithStream: false), first);

    /// <summary>
    /// Sends the first message, and joins a dialogue to the responder: passes messages on both ways, each direction's end included, until
    /// both have ended.
    /// </summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="first">Lent until the task completes.</param>
    /// <param name="dialogue">Lent: the side that the responder is to serve.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(
        OperationSettings settings, IStreamOpener opener, TFirst first, Dialogue<TReceived, TSent> dialogue, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        await using Dialogue<TSent, TReceived> remote = await BeginAsync(
            await ClientCall.OpenAsync(this, settings, opener, context, endsWithStream: false, isJoined: true), first);
        await DialogueJoin.RunAsync(dialogue, remote, ResetCodes, context.CancellationToken);
    }

    private async ValueTask ConverseAsync(T handler, TFirst first, P2PStream stream, OperationSettings settings, Exchange exchange)
    {
        using MessageReader<TReceived> reader = new(stream, Received, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TSent> writer = new(stream, Sent, Framing, settings.Limits.MaxResponse, exchange);
        Dialogue<TReceived, TSent> dialogue = new(stream, reader, writer, exchange);
        await Handler(handler, first, dialogue, new CallContext(stream, exchange.Token));
    }

    private async ValueTask<Dialogue<TSent, TReceived>> BeginAsync(ClientCall call, TFirst first)
    {
        await call.SendFirstAsync(first, First, FirstFraming ?? Framing);
        return new(call.Stream, call.Reader(Sent, Framing), call.Writer(Received, Framing), call.Exchange);
    }
}
