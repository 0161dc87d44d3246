using Libp2p.Connections;

namespace Libp2p.Security;

/// <summary>The muxer that a handshake agrees on (https://github.com/libp2p/specs/blob/master/connections/inlined-muxer-negotiation.md).</summary>
internal static class EarlyMuxer
{
    /// <summary>
    /// The first of the initiator's muxers that the responder has too. Null when there is none, or when either list is empty:
    /// multistream-select decides then, as in go, although the specification would have the handshake fail.
    /// </summary>
    public static ProtocolId? Select(ConnectionRole role, IReadOnlyList<ProtocolId> ours, IReadOnlyList<ProtocolId> theirs)
    {
        (IReadOnlyList<ProtocolId> initiators, IReadOnlyList<ProtocolId> responders) =
            role == ConnectionRole.Initiator ? (ours, theirs) : (theirs, ours);

        return initiators.FirstOrDefault(responders.Contains);
    }
}
