namespace Libp2p.Peer.Kit;

/// <summary>A request that the kit cannot answer, and why.</summary>
internal sealed class KitException(string message) : Exception(message);
