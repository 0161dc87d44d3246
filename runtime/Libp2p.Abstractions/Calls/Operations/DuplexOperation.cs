using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>Messages both ways, freely. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TRequest">What the initiator sends.</typeparam>
/// <typeparam name="TResponse">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class DuplexOperation<T, TRequest, TResponse> : Operation<T>
    where T : class
{
    /// <summary>The codec of what the initiator sends.</summary>
    public required MessageCodec<TRequest> Request { get; init; }

    /// <summary>The codec of what the responder sends.</summary>
    public required MessageCodec<TResponse> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, IAsyncEnumerable<TRequest>, CallContext, IAsyncEnumerable<TResponse>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Duplex;

    /// <summary>False: which side speaks first is the protocol's affair.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TRequest> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TResponse> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);
        InboundMessages<TRequest> requests = new(reader, stream, exchange, isAnswered: true);
        await requests.ServeAsync(() => writer.SendAllAsync(Handler(handler, requests, new CallContext(stream, exchange.Token))));
    }

    /// <summary>Calls the operation. Nothing is sent before the first item is asked for; it is enumerated once.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="requests">Enumerated while the responses are, until they end; its token is cancelled then.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public IAsyncEnumerable<TResponse> CallAsync(
        OperationSettings settings, IStreamOpener opener, IAsyncEnumerable<TRequest> requests, CallContext context = default) =>
        PerPeer is null
            ? new SingleEnumeration<TResponse>(token => EnumerateAsync(settings, opener, requests, context, token))
            : OpenAsync(settings, opener, static _ => [], requests, context);

    private async IAsyncEnumerator<TResponse> EnumerateAsync(
        OperationSettings settings, IStreamOpener opener, IAsyncEnumerable<TRequest> requests, CallContext context, CancellationToken token)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context, token);
        await call.OpenAsync(settings.Request);
        using MessageReader<TResponse> reader = call.Reader(Response, Framing);
        MessagePump<TRequest> pump = MessagePump<TRequest>.Send(requests, call.Writer(Request, Framing), call);
        bool isOver = false;
        try
        {
            while (await pump.ReadAsync(reader) is { HasMessage: true } response)
            {
                yield return response.Message;
                await opener.Scheduler.Enter();
            }

            isOver = true;
        }
        finally
        {
            await opener.Scheduler.Enter(); // the enumerator may be disposed of from anywhere
            reader.Release();
            await pump.EndAsync(isOver);
        }
    }
}
