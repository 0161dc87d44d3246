using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>One message to the responder. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TMessage">What the initiator sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PushOperation<T, TMessage> : Operation<T>
    where T : class
{
    /// <summary>The message's codec.</summary>
    public required MessageCodec<TMessage> Request { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>
    /// Frames that are merged into one message, which the end of the stream completes; null: the message is one frame
    /// (<see cref="MergeAttribute"/>). One frame is sent.
    /// </summary>
    public int? MaxFrames { get; init; }

    /// <summary>The member of the interface.</summary>
    public required Func<T, TMessage, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Push;

    /// <summary>False: a push is not answered, so nothing else would tell that the protocol was agreed.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TMessage> reader = new(stream, Request, Framing, settings.Limits.MaxRequest, exchange);
        CallContext context = new(stream, exchange.Token);

        try
        {
            while (await reader.ReadRequestAsync(settings, MaxFrames) is { HasMessage: true } request)
            {
                await Handler(handler, request.Message, context);
                if (settings.Request.ReuseIdle is null)
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

    internal override MessageFraming? SharedFraming => MaxFrames is null ? Framing : null;

    internal override async ValueTask<bool> ServeAsync(T handler, FirstMessage first)
    {
        await Handler(handler, first.Take(Request), first.Context);
        return true;
    }

    /// <summary>
    /// Calls the operation. It is done when the message and the end of the stream are flushed. It takes a stream of its own, with reuse
    /// too: nothing would tell that a stale one swallowed it.
    /// </summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="message">Lent until the task completes.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(OperationSettings settings, IStreamOpener opener, TMessage message, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context);
        await call.OpenAsync(settings.Request.Fresh(), endsWithStream: false);
        try
        {
            MessageWriter<TMessage> writer = call.Writer(Request, Framing);
            writer.Write(message);
            await writer.FlushAsync(andClose: true, call.Token);
            await call.EndExchangeAsync(wasSent: true, mayReturn: false);
        }
        catch (Exception e)
        {
            await call.FailAsync(e);
        }
    }
}
