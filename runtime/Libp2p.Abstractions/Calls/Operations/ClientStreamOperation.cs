using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>Messages to the responder, for as long as the initiator likes. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TMessage">What the initiator sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class ClientStreamOperation<T, TMessage> : Operation<T>
    where T : class
{
    /// <summary>The messages' codec.</summary>
    public required MessageCodec<TMessage> Request { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, IAsyncEnumerable<TMessage>, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.ClientStream;

    /// <summary>False: the first message may come much later than the stream, and nothing is answered.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TMessage> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        InboundMessages<TMessage> messages = new(reader, stream, exchange, isAnswered: false);
        await messages.ServeAsync(() => Handler(handler, messages, new CallContext(stream, exchange.Token)));
    }

    /// <summary>Calls the operation. It is done when the last message is in the bounded send queue, or the responder wants no more.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="messages">Enumerated until they end; the token is cancelled when the call ends before.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(
        OperationSettings settings, IStreamOpener opener, IAsyncEnumerable<TMessage> messages, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        if (PerPeer is not null)
        {
            await PourAsync(settings, opener, messages, context);
            return;
        }

        using ClientCall call = ClientCall.Start(this, settings, opener, context);
        P2PStream stream = await call.OpenAsync(settings.Request);
        UnusedDirection unused = UnusedDirection.Watch(stream, call.Exchange);
        await MessagePump<TMessage>.Send(messages, call.Writer(Request, Framing), call).SentAsync(unused);
    }

    /// <summary>Opens a stream to the responder.</summary>
    /// <param name="settings">The bounds in force, until the writer is disposed of.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>What writes the messages; the caller's.</returns>
    public async ValueTask<MessageWriter<TMessage>> OpenAsync(OperationSettings settings, IStreamOpener opener, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return PerPeer is null
            ? (await ClientCall.OpenAsync(this, settings, opener, context)).Writer(Request, Framing).WatchingForEnd()
            : await OpenAsync(settings, opener, static _ => [], context);
    }

    /// <summary>Runs the member of an implementation in this process, over a pair in memory.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>What writes the messages. Disposing of it waits for the implementation.</returns>
    public ValueTask<MessageWriter<TMessage>> OpenAsync(T handler, OperationSettings settings, CallContext context = default) =>
        new(LocalCall.Start(this, handler, settings, context).Writer(Request, Framing).WatchingForEnd());
}

/// <summary>Messages to the responder, then one response. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TMessage">What the initiator sends.</typeparam>
/// <typeparam name="TResponse">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ClientStreamOperation<T, TMessage, TResponse> : Operation<T>
    where T : class
{
    /// <summary>The messages' codec.</summary>
    public required MessageCodec<TMessage> Request { get; init; }

    /// <summary>The response's codec.</summary>
    public required MessageCodec<TResponse> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, IAsyncEnumerable<TMessage>, CallContext, ValueTask<TResponse>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.ClientStream;

    /// <summary>False: the first message may come much later than the stream.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TMessage> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TResponse> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);
        InboundMessages<TMessage> messages = new(reader, stream, exchange, isAnswered: true);
        await messages.ServeAsync(async () =>
        {
            TResponse response = await Handler(handler, messages, new CallContext(stream, exchange.Token));
            messages.ThrowIfFailed();
            await writer.SendAsync(response, exchange.Token);
        });
    }

    /// <summary>Calls the operation. A response ends it, even before all was sent.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="messages">Enumerated until they end; the token is cancelled when the call ends before.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>The response, the caller's own.</returns>
    public async ValueTask<TResponse> CallAsync(
        OperationSettings settings, IStreamOpener opener, IAsyncEnumerable<TMessage> messages, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context);
        P2PStream stream = await call.OpenAsync(settings.Request);
        using MessageReader<TResponse> reader = call.Reader(Response, Framing);
        MessagePump<TMessage> pump = MessagePump<TMessage>.Send(messages, call.Writer(Request, Framing), call);
        Received<TResponse> response = await pump.ReadAsync(reader);
        if (!response.HasMessage)
        {
            await pump.FailAsync(new ProtocolViolationException($"{stream.Protocol}: the remote ended the stream where a response was due"));
        }

        TResponse owned = reader.ToOwned(response.Message);
        await pump.EndAsync(isReceived: true);
        return owned;
    }

    /// <summary>Opens a stream to the responder.</summary>
    /// <param name="settings">The bounds in force, until the writer is disposed of.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>What writes the messages and gets the response; the caller's.</returns>
    public async ValueTask<MessageWriter<TMessage, TResponse>> OpenAsync(
        OperationSettings settings, IStreamOpener opener, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return Writer(await ClientCall.OpenAsync(this, settings, opener, context));
    }

    /// <summary>Runs the member of an implementation in this process, over a pair in memory.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>What writes the messages and gets the response. Disposing of it waits for the implementation.</returns>
    public ValueTask<MessageWriter<TMessage, TResponse>> OpenAsync(T handler, OperationSettings settings, CallContext context = default) =>
        new(Writer(LocalCall.Start(this, handler, settings, context)));

    private MessageWriter<TMessage, TResponse> Writer(ClientCall call) =>
        new(new Dialogue<TResponse, TMessage>(call.Stream, call.Reader(Response, Framing), call.Writer(Request, Framing), call.Exchange));
}
