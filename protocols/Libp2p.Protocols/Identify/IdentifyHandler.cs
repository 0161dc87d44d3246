using Libp2p.Connections;

namespace Libp2p.Protocols.Identify;

/// <summary>The responder of <see cref="IIdentify"/>.</summary>
internal sealed class IdentifyHandler(LocalDescription description) : IIdentify
{
    /// <inheritdoc/>
    public ValueTask<IdentifyMessage> IdentifyAsync(CallContext context = default) =>
        description.GetAsync(context.Connection, context.CancellationToken);
}

/// <summary>The responder of <see cref="IIdentifyPush"/>. Too many pushes from one network are reset.</summary>
internal sealed class IdentifyPushHandler(IdentifyKnowledge knowledge, SubnetRates rates) : IIdentifyPush
{
    /// <inheritdoc/>
    public async ValueTask PushAsync(IdentifyMessage description, CallContext context = default)
    {
        IPeerConnection connection = context.Connection
            ?? throw new InvalidOperationException("A push tells of the peer of a connection; a local call has none.");
        if (!rates.TryTake(connection.RemoteAddress))
        {
            throw new LimitExceededException($"identify: too many pushes from the network of {connection.RemoteAddress}");
        }

        await knowledge.TakeAsync(description, connection, isPush: true, context.CancellationToken);
    }
}
