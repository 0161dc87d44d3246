using System.ComponentModel;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>A first message, then bytes. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <typeparam name="TFirst">What the initiator begins with.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class FirstThenRawOperation<T, TFirst> : Operation<T>
    where T : class
{
    /// <summary>The first message's codec.</summary>
    public required MessageCodec<TFirst> First { get; init; }

    /// <summary>How the first message is delimited.</summary>
    public MessageFraming Framing { get; init; } = MessageFraming.Varint;

    /// <summary>The member of the interface.</summary>
    public required Func<T, TFirst, P2PStream, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.FirstThenRaw;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        using MessageReader<TFirst> reader = new(stream, First, Framing, settings.Limits.MaxRequest, exchange);
        try
        {
            await HandOverAsync(handler, await reader.ReadFirstAsync(settings), stream, exchange);
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
    }

    internal override MessageFraming? SharedFraming => Framing;

    internal override async ValueTask<bool> ServeAsync(T handler, FirstMessage first)
    {
        await HandOverAsync(handler, first.Take(First), first.Stream, first.Exchange);
        return false;
    }

    /// <summary>Opens a stream to the responder, and sends the first message. Our direction stays open.</summary>
    /// <param name="settings">The bounds in force; their time is the opening's.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="first">Lent until the task completes.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>A stream that the caller owns.</returns>
    public async ValueTask<P2PStream> OpenAsync(OperationSettings settings, IStreamOpener opener, TFirst first, CallContext context = default)
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
    public ValueTask<P2PStream> OpenAsync(T handler, OperationSettings settings, TFirst first, CallContext context = default) =>
        BeginAsync(LocalCall.Start(this, handler, settings, context, endsWithStream: false), first);

    /// <summary>
    /// Sends the first message, and joins a stream to the responder: copies both ways, each direction's end included, until both have
    /// ended.
    /// </summary>
    /// <param name="settings">The bounds in force; their time is the opening's.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="first">Lent until the task completes.</param>
    /// <param name="stream">Lent: the side that the responder is to serve.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(
        OperationSettings settings, IStreamOpener opener, TFirst first, P2PStream stream, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        await using P2PStream remote = await BeginAsync(
            await ClientCall.OpenAsync(this, settings, opener, context, endsWithStream: false, isJoined: true), first);
        await StreamJoin.RunAsync(stream, remote, context.CancellationToken);
    }

    private async ValueTask HandOverAsync(T handler, TFirst first, P2PStream stream, Exchange exchange)
    {
        stream.Lend();
        try
        {
            await Handler(handler, first, stream, new CallContext(stream, exchange.Token));
        }
        finally
        {
            stream.TakeBack();
        }
    }

    private async ValueTask<P2PStream> BeginAsync(ClientCall call, TFirst first)
    {
        await call.SendFirstAsync(first, First, Framing);
        return call.ReleaseRaw();
    }
}
