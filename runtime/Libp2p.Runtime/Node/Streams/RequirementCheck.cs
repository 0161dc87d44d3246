using Libp2p.Connections;

namespace Libp2p.Node.Streams;

/// <summary>Checks what kind of connection an operation may run on.</summary>
internal static class RequirementCheck
{
    /// <summary>For a stream that we open.</summary>
    public static void EnsureAllows(IPeerConnection connection, StreamRequest request) =>
        Ensure(connection, request.Connection, request.Protocols[0], initiatorDialled: connection.Direction == Direction.Outbound);

    /// <summary>For a stream that the remote opened.</summary>
    public static void EnsureAllows(IPeerConnection connection, StreamHandler handler, ProtocolId protocol) =>
        Ensure(connection, handler.Connection, protocol, initiatorDialled: connection.Direction == Direction.Inbound);

    private static void Ensure(IPeerConnection connection, ConnectionRequirement rule, ProtocolId protocol, bool initiatorDialled)
    {
        string? refusal = (rule.Relayed, connection.IsRelayed) switch
        {
            (RelayedConnections.Require, false) => "runs only on a relayed connection",
            (RelayedConnections.Refuse, true) => "does not run on a relayed connection",
            (not RelayedConnections.Require, _) when rule.Limited == LimitedConnections.Refuse && connection.Limit is not null =>
                "does not run on a limited connection",
            _ => null,
        };
        refusal ??= (rule.OpenedBy, initiatorDialled) switch
        {
            (ConnectionOpener.Dialer, false) => "runs only on a connection that its initiator dialled",
            (ConnectionOpener.Listener, true) => "runs only on a connection that its initiator accepted",
            _ => null,
        };
        if (refusal is not null)
        {
            throw new LimitExceededException($"{protocol} {refusal}");
        }
    }
}
