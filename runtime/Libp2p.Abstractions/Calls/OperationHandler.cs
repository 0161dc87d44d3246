using Libp2p.Codecs;

namespace Libp2p;

/// <summary>Serves the ids of one operation.</summary>
internal sealed class OperationHandler<T>(Operation<T> operation, OperationSettings settings, IHandlerActivator<T> activator) : StreamHandler
    where T : class
{
    public override IReadOnlyList<ProtocolId> Ids => settings.Ids;

    public override OperationLimits Limits => settings.Limits;

    public override ConnectionRequirement Connection => settings.Request.Connection;

    public override string? AccessPolicy => operation.AccessPolicy;

    public static IReadOnlyList<StreamHandler> Create(Protocol<T> protocol, IHandlerActivator<T> activator) =>
        [.. protocol.Operations.Select(operation => (Operation: operation, Settings: protocol.Settings(operation)))
            .GroupBy(one => one.Operation.IdSuffix)
            .Select(group => Create(protocol.Selector, [.. group.Select(one => one.Operation)], [.. group.Select(one => one.Settings)], activator))];

    private static StreamHandler Create(
        MessageSelector? selector, Operation<T>[] operations, OperationSettings[] settings, IHandlerActivator<T> activator) =>
        operations.Length == 1 ? new OperationHandler<T>(operations[0], settings[0], activator)
            : selector is not null ? new SharedIdHandler<T>(selector, operations, settings, activator)
            : throw new ArgumentException($"Nothing tells {string.Join(", ", operations.Select(operation => operation.Name))} apart on one id.", nameof(operations));

    public override ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken) => activator is SingleInstance<T> single
        ? operation.ServeWatchedAsync(single.Implementation, stream, settings, cancellationToken)
        : ActivateAsync(stream, cancellationToken);

    private async ValueTask ActivateAsync(P2PStream stream, CancellationToken cancellationToken)
    {
        HandlerActivation<T> activation = await activator.ActivateAsync(stream);
        await using (activation.Scope)
        {
            await operation.ServeWatchedAsync(activation.Handler, stream, settings, cancellationToken);
        }
    }
}
