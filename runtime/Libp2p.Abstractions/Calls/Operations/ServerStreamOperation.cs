using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>One request, then responses. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TRequest">What the initiator sends.</typeparam>
/// <typeparam name="TResponse">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ServerStreamOperation<T, TRequest, TResponse> : Operation<T>
    where T : class
{
    /// <summary>The request's codec.</summary>
    public required MessageCodec<TRequest> Request { get; init; }

    /// <summary>The responses' codec.</summary>
    public required MessageCodec<TResponse> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, TRequest, CallContext, IAsyncEnumerable<TResponse>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.ServerStream;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TRequest> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TResponse> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);
        try
        {
            Received<TRequest> request = await reader.ReadRequestAsync(settings);
            await writer.SendAllAsync(Handler(handler, request.Message, new CallContext(stream, exchange.Token)));
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    internal override MessageFraming? SharedFraming => Framing;

    internal override async ValueTask<bool> ServeAsync(T handler, FirstMessage first)
    {
        MessageWriter<TResponse> writer = first.Writer(Response, Framing);
        await writer.SendAllAsync(Handler(handler, first.Take(Request), first.Context));
        return false;
    }

    /// <summary>Calls the operation. Nothing is sent before the first item is asked for; it is enumerated once, and leaving it early resets.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="request">Lent until the enumeration is over.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public IAsyncEnumerable<TResponse> CallAsync(
        OperationSettings settings, IStreamOpener opener, TRequest request, CallContext context = default) =>
        new SingleEnumeration<TResponse>(token => EnumerateAsync(settings, opener, request, context, token));

    private async IAsyncEnumerator<TResponse> EnumerateAsync(
        OperationSettings settings, IStreamOpener opener, TRequest request, CallContext context, CancellationToken token)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context, token);
        await call.OpenAsync(settings.Request);
        using MessageReader<TResponse> reader = call.Reader(Response, Framing);
        MessagePump<TRequest> pump = MessagePump<TRequest>.Send(request, call.Writer(Request, Framing), call);
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

/// <summary>Responses without a request. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TResponse">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class ServerStreamOperation<T, TResponse> : Operation<T>
    where T : class
{
    /// <summary>The responses' codec.</summary>
    public required MessageCodec<TResponse> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, CallContext, IAsyncEnumerable<TResponse>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.ServerStream;

    /// <inheritdoc/>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        MessageWriter<TResponse> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);
        try
        {
            await writer.SendAllAsync(Handler(handler, new CallContext(stream, exchange.Token)));
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    /// <summary>Calls the operation. No stream is opened before the first item is asked for; it is enumerated once, and leaving it early resets.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public IAsyncEnumerable<TResponse> CallAsync(OperationSettings settings, IStreamOpener opener, CallContext context = default) =>
        new SingleEnumeration<TResponse>(token => EnumerateAsync(settings, opener, context, token));

    private async IAsyncEnumerator<TResponse> EnumerateAsync(
        OperationSettings settings, IStreamOpener opener, CallContext context, CancellationToken token)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context, token);
        await call.OpenAsync(settings.Request);
        using MessageReader<TResponse> reader = call.Reader(Response, Framing);
        bool isOver = false;
        try
        {
            while (await call.ReadAsync(reader) is { HasMessage: true } response)
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
            await call.EndAsync(isOver ? null : new EndReason(EndedBy.Local, ErrorCode.Cancelled, "The caller left before the end"));
        }
    }
}
