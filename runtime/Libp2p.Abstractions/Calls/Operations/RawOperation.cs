using System.ComponentModel;
using System.Runtime.CompilerServices;
using Libp2p.Connections;

namespace Libp2p;

/// <summary>Bytes. Generated code makes it and calls through it.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RawOperation<T> : Operation<T>
    where T : class
{
    /// <summary>The member of the interface.</summary>
    public required Func<T, P2PStream, CallContext, ValueTask> Handler { get; init; }

    /// <inheritdoc/>
    public override OperationShape Shape => OperationShape.Raw;

    /// <summary>False: which side speaks first is the protocol's affair.</summary>
    public override bool InitiatorWritesFirst => false;

    /// <inheritdoc/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        using Exchange exchange = Exchange.Inbound(this, stream, settings, cancellationToken);
        stream.Lend();
        try
        {
            await Handler(handler, stream, new CallContext(stream, exchange.Token));
        }
        catch (Exception e) when (exchange.TryExplain(e, out Exception? explained))
        {
            throw explained;
        }
        finally
        {
            stream.TakeBack();
        }
    }

    /// <summary>Opens a stream to the responder.</summary>
    /// <param name="settings">The bounds in force; the time of the exchange is the opening's, the idle time goes on until the stream is detached.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <returns>A stream that the caller owns.</returns>
    public async ValueTask<P2PStream> OpenAsync(OperationSettings settings, IStreamOpener opener, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        return (await ClientCall.OpenAsync(this, settings, opener, context)).ReleaseRaw();
    }

    /// <summary>Runs the member of an implementation in this process, over a pair in memory.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>The initiator's end. Disposing of it waits for the implementation.</returns>
    public ValueTask<P2PStream> OpenAsync(T handler, OperationSettings settings, CallContext context = default) =>
        new(LocalCall.Start(this, handler, settings, context).ReleaseRaw());

    /// <summary>Joins a stream to the responder: copies both ways, each direction's end included, until both have ended.</summary>
    /// <param name="settings">The bounds in force; their time is the opening's.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="stream">Lent: the side that the responder is to serve.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    public async ValueTask CallAsync(OperationSettings settings, IStreamOpener opener, P2PStream stream, CallContext context = default)
    {
        await opener.Scheduler.Enter();
        await using P2PStream remote = (await ClientCall.OpenAsync(this, settings, opener, context, isJoined: true)).ReleaseRaw();
        await StreamJoin.RunAsync(stream, remote, context.CancellationToken);
    }
}
