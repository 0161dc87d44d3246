namespace Libp2p;

/// <summary>Serves the ids of one operation.</summary>
internal sealed class OperationHandler<T>(Operation<T> operation, OperationSettings settings, IHandlerActivator<T> activator) : StreamHandler
    where T : class
{
    public override IReadOnlyList<ProtocolId> Ids => settings.Ids;

    public override OperationLimits Limits => settings.Limits;

    public override ConnectionRule Connection => settings.Request.Connection;

    public static IReadOnlyList<StreamHandler> Create(Protocol<T> protocol, IHandlerActivator<T> activator) =>
        [.. protocol.Operations.Select((operation, i) => new OperationHandler<T>(operation, protocol.Settings(i), activator))];

    public override async ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        HandlerActivation<T> activation = await activator.ActivateAsync(stream);
        await using (activation.Scope)
        {
            await operation.HandleAsync(activation.Handler, stream, settings, cancellationToken);
        }
    }
}
