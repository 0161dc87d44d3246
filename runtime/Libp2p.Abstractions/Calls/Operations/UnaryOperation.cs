using System.ComponentModel;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>One request, one response. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TRequest">What the initiator sends.</typeparam>
/// <typeparam name="TResponse">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class UnaryOperation<T, TRequest, TResponse> : Operation<T>
    where T : class
{
    /// <summary>The request's codec.</summary>
    public required MessageCodec<TRequest> Request { get; init; }

    /// <summary>The response's codec.</summary>
    public required MessageCodec<TResponse> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>Whether the responder may close without a reply, which is null then.</summary>
    public bool IsReplyOptional { get; init; }

    /// <summary>The member of the interface.</summary>
    public required Func<T, TRequest, CallContext, ValueTask<TResponse>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Unary;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TRequest> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        MessageWriter<TResponse> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);
        CallContext context = new(stream, exchange.Token);

        try
        {
            while (await reader.ReadRequestAsync(settings) is { HasMessage: true } request)
            {
                if (!await AnswerAsync(handler, request.Message, writer, context) || settings.Request.ReuseIdle is null)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    internal override MessageFraming? SharedFraming => Framing;

    internal override ValueTask<bool> ServeAsync(T handler, FirstMessage first) =>
        AnswerAsync(handler, first.Take(Request), first.Writer(Response, Framing), first.Context);

    /// <summary>Calls the operation.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="request">Lent until the task completes.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>The response, the caller's own; null without one, where that is allowed.</returns>
    public async ValueTask<TResponse> CallAsync(OperationSettings settings, IStreamOpener opener, TRequest request, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context);
        bool mayRepeat = IsIdempotent || context.MayRepeat;
        StreamRequest wanted = IsReplyOptional && !mayRepeat ? settings.Request.Fresh() : settings.Request; // an end without a reply has one meaning
        P2PStream stream = await call.OpenAsync(wanted, endsWithStream: false);
        (bool isOver, TResponse response) = await TryExchangeAsync(
            call, request, settings, mayFail: stream.IsReused && mayRepeat, mayBeRefused: stream.IsOptimistic);
        if (!isOver)
        {
            await call.OpenAsync(settings.Request.Fresh(), endsWithStream: false);
            (_, response) = await TryExchangeAsync(call, request, settings, mayFail: false, mayBeRefused: false);
        }

        return response;
    }

    /// <returns>False where there is no reply, which the end of the stream says.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AnswerAsync(T handler, TRequest request, MessageWriter<TResponse> writer, CallContext context)
    {
        TResponse response = await Handler(handler, request, context);
        if (response is null && IsReplyOptional)
        {
            return false;
        }

        await writer.SendAsync(response, context.CancellationToken);
        return true;
    }

    /// <summary>Runs the exchange on the call's stream, and ends the stream or gives it back.</summary>
    /// <returns>False where a stream that may fail or be refused was, before a byte of the response.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(bool IsOver, TResponse Response)> TryExchangeAsync(
        ClientCall call, TRequest request, OperationSettings settings, bool mayFail, bool mayBeRefused)
    {
        using MessageReader<TResponse> reader = call.Reader(Response, Framing);
        bool keepsOpen = settings.Request.ReuseIdle is not null;
        try
        {
            (Received<TResponse> received, bool wasSent) = await SendAndReadAsync(call, reader, request, halfClose: !keepsOpen);
            if (received.HasMessage || (IsReplyOptional && !mayFail))
            {
                await call.EndExchangeAsync(wasSent, mayReturn: keepsOpen && received.HasMessage && call.Stream.IsSilent());
                return (true, received.HasMessage ? received.Message : default!);
            }

            if (call.Stream.IsReused && !mayFail)
            {
                throw new StreamResetException("", CallFailure.KeptStreamEnded);
            }

            if (!mayFail)
            {
                throw new ProtocolViolationException($"{call.Stream.Protocol}: the remote ended the stream where a response was due");
            }
        }
        catch (Exception e) when ((mayFail || call.IsUnsent) && !reader.HasSeenBytes && call.IsStreamFailure(e))
        {
            // An idle stream may die at any time: a request that was not sent, or may be run twice, is sent once more, on a fresh one.
        }
        catch (ProtocolNotSupportedException) when (mayBeRefused)
        {
            // It was taken for granted, and a responder that refuses has read no request: now the peer is asked what it supports.
        }
        catch (Exception e)
        {
            await call.FailAsync(e);
        }

        await call.DropStreamAsync();
        return (false, default!);
    }

    /// <summary>Sends and, at the same time, reads: a response that has arrived beats a request that could not be sent.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<(Received<TResponse> Received, bool WasSent)> SendAndReadAsync(
        ClientCall call, MessageReader<TResponse> reader, TRequest request, bool halfClose)
    {
        MessageWriter<TRequest> writer = call.Writer(Request, Framing);
        writer.Write(request);
        ValueTask sending = writer.FlushAsync(andClose: halfClose, CancellationToken.None); // what ends the call resets the stream, and so both waits
        call.IsUnsent = sending.IsFaulted && call.Stream.IsReused; // it was dead: a request that left at all is waited for
        try
        {
            Received<TResponse> received = await reader.ReadOwnedAsync(CancellationToken.None);
            if (!sending.IsCompleted)
            {
                call.Stream.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Answered before the request was read"));
            }

            return (received, await sending.SucceedsAsync());
        }
        catch (Exception e)
        {
            call.Stream.Reset(call.Exchange.ReasonFor(e));
            await sending.SucceedsAsync();
            throw;
        }
    }
}
