using System.ComponentModel;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>One message from the responder. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TMessage">What the responder sends.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PullOperation<T, TMessage> : Operation<T>
    where T : class
{
    /// <summary>The message's codec.</summary>
    public required MessageCodec<TMessage> Response { get; init; }

    /// <summary>How messages are delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>
    /// Frames that are merged into one message, which the end of the stream completes; null: the message is one frame
    /// (<see cref="MergeAttribute"/>). One frame is sent.
    /// </summary>
    public int? MaxFrames { get; init; }

    /// <summary>The member of the interface.</summary>
    public required Func<T, CallContext, ValueTask<TMessage>> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Pull;

    /// <inheritdoc/>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        MessageWriter<TMessage> writer = new(stream, Response, Framing, settings.Limits.MaxResponse, exchange);

        try
        {
            TMessage response = await Handler(handler, new CallContext(stream, exchange.Token));
            await writer.SendAsync(response, exchange.Token);
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    /// <summary>Calls the operation.</summary>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>The message, the caller's own.</returns>
    public async ValueTask<TMessage> CallAsync(OperationSettings settings, IStreamOpener opener, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        using ClientCall call = ClientCall.Start(this, settings, opener, context);
        P2PStream stream = await call.OpenAsync(settings.Request, endsWithStream: false);
        using MessageReader<TMessage> reader = call.Reader(Response, Framing);

        try
        {
            Received<TMessage> received = MaxFrames is { } most
                ? await reader.ReadMergedAsync(most, call.Token)
                : await reader.ReadOwnedAsync(call.Token);
            if (received.HasMessage)
            {
                await call.EndExchangeAsync(wasSent: true, mayReturn: false);
                return received.Message;
            }

            throw new ProtocolViolationException($"{stream.Protocol}: the remote ended the stream where a message was due");
        }
        catch (Exception e)
        {
            await call.FailAsync(e);
            throw;
        }
    }
}
