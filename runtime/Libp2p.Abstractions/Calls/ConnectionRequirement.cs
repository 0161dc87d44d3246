namespace Libp2p;

/// <summary>On what kind of connection an operation runs; from <see cref="ConnectionAttribute"/>.</summary>
/// <param name="Limited">Its rule for limited connections.</param>
/// <param name="OpenedBy">Which end must have opened the connection, as the stream's initiator sees it.</param>
/// <param name="Relayed">Its rule for relayed connections, limited or not.</param>
public sealed record ConnectionRequirement(
    LimitedConnections Limited, ConnectionOpener OpenedBy, RelayedConnections Relayed = RelayedConnections.Allow)
{
    /// <summary>Any connection that is not limited.</summary>
    public static readonly ConnectionRequirement Default = new(LimitedConnections.Refuse, ConnectionOpener.Either);
}
