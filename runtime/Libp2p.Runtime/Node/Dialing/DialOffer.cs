using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>Addresses that one of those who wait for a dial wants tried.</summary>
/// <param name="Addresses">The addresses; null: those of the peer store, which is still to be asked.</param>
/// <param name="IsInsisted">Whether they are dialled even if they failed a moment ago.</param>
/// <param name="IsHearsay">Whether peers told them, and nobody here.</param>
internal readonly record struct DialOffer(IReadOnlyList<Multiaddress>? Addresses, bool IsInsisted, bool IsHearsay)
{
    /// <summary>What a request brings: who names addresses himself wants them dialled, whatever happened before.</summary>
    public static DialOffer Of(DialRequest request) => request.Addresses.Count > 0 || request.ExpectedPeer.Peer is null
        ? new DialOffer(request.Addresses, IsInsisted: true, IsHearsay: false)
        : new DialOffer(null, request.ForceNew || request.IgnoreBackoff, IsHearsay: false);
}
