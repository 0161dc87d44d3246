using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>Typed messages in an agreed order. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TReceived">What the responder receives.</typeparam>
/// <typeparam name="TSent">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class DialogueOperation<T, TReceived, TSent> : Operation<T>
    where T : class
{
    /// <summary>The codec of what the responder receives.</summary>
    public required MessageCodec<TReceived> Received { get; init; }

    /// <summary>The codec of what the responder sends.</summary>
    public required MessageCodec<TSent> Sent { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, Dialogue<TReceived, TSent>, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Dialogue;

    /// <summary>False: which side speaks first is the protocol's affair.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TReceived> reader = new(stream, Received, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TSent> writer = new(stream, Sent, Framing, settings.Limits.MaxResponse, exchange);
        try
        {
            await Handler(handler, new Dialogue<TReceived, TSent>(stream, reader, writer, exchange), new CallContext(stream, exchange.Token));
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    /// <summary>Opens a dialogue with the responder.</summary>
    /// <param name="settings">The bounds in force, until the dialogue is detached or disposed of.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>The initiator's end; the caller's.</returns>
    public async ValueTask<Dialogue<TSent, TReceived>> OpenAsync(OperationSettings settings, IStreamOpener opener, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return Mirror(await ClientCall.OpenAsync(this, settings, opener, context));
    }

    /// <summary>Runs the member of an implementation in this process, over a pair in memory.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>The initiator's end. Disposing of it waits for the implementation.</returns>
    public ValueTask<Dialogue<TSent, TReceived>> OpenAsync(T handler, OperationSettings settings, CallContext context = default) =>
        new(Mirror(LocalCall.Start(this, handler, settings, context)));

    /// <summary>Joins a dialogue to the responder: passes messages on both ways, each direction's end included, until both have ended.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="dialogue">Lent: the side that the responder is to serve.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(
        OperationSettings settings, IStreamOpener opener, Dialogue<TReceived, TSent> dialogue, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        await using Dialogue<TSent, TReceived> remote = Mirror(await ClientCall.OpenAsync(this, settings, opener, context, isJoined: true));
        await DialogueJoin.RunAsync(dialogue, remote, ResetCodes, context.CancellationToken);
    }

    private Dialogue<TSent, TReceived> Mirror(ClientCall call) =>
        new(call.Stream, call.Reader(Sent, Framing), call.Writer(Received, Framing), call.Exchange);
}
