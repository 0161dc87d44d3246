namespace Libp2p.Negotiation;

/// <summary>
/// The promise of a node to deliver an end of stream that came in one flight with the proposal of a protocol. Made by listing
/// <see cref="Id"/> among the protocols that identify tells. Toward a remote that does not make it, an initiator ends its direction only
/// after the remote's answer, which costs a round trip (docs/decisions/2026-12-01-early-end.md).
/// </summary>
public static class EarlyEnd
{
    /// <summary>What is listed. No stream of it is opened, and none is accepted.</summary>
    public static readonly ProtocolId Id = "/libp2p-gen/early-end/1.0.0";
}
