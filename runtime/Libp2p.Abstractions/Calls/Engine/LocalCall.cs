using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>Runs an operation of an implementation in this process, over a pair in memory: a handler is tried out without a network.</summary>
internal static class LocalCall
{
    /// <summary>Starts the responder.</summary>
    /// <returns>The initiator's call, whose stream's disposal waits for the responder.</returns>
    public static ClientCall Start<T>(
        Operation<T> operation, T handler, OperationSettings settings, CallContext context, bool endsWithStream = true)
        where T : class
    {
        InMemoryStreamPair pair = new();
        ProtocolId protocol = settings.Ids[0];
        P2PStream inbound = new(pair.Responder, protocol, null, TimeProvider.System);
        Task serving = AmbientFlow.Start(
            (operation, handler, inbound, settings, context),
            static call => ServeAsync(call.operation, call.handler, call.inbound, call.settings, call.context.CancellationToken));
        P2PStream outbound = new(new LocalStream(pair.Initiator, serving), protocol, null, TimeProvider.System);
        return ClientCall.On(outbound, operation, settings, context, endsWithStream);
    }

    private static async Task ServeAsync<T>(
        Operation<T> operation, T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await operation.ServeWatchedAsync(handler, stream, settings, cancellationToken);
        }
        catch (Exception e)
        {
            if (!stream.IsDetached) // a detached one is somebody else's, whatever its handler does then
            {
                stream.Reset(HandlerFailure.ReasonFor(e)); // the initiator sees it as the cause
            }
        }

        if (!stream.IsDetached)
        {
            await stream.FinishAsync();
        }
    }

    /// <summary>The initiator's end, with the responder's task.</summary>
    private sealed class LocalStream(IMuxedStream inner, Task serving) : DelegatingStream(inner)
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await LeftBehind.EndAsync(serving, "A local call", new CallLife(TimeProvider.System, null, Aborted));
        }
    }
}
