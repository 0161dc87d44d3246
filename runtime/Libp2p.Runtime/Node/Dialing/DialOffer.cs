using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>Addresses that one of the callers of a dial wants tried.</summary>
/// <param name="Addresses">The addresses; null: those of the peer store, which is still to be asked.</param>
/// <param name="IsInsisted">Whether they are dialled even if they failed a moment ago.</param>
/// <param name="IsHearsay">Whether other peers supplied them.</param>
internal readonly record struct DialOffer(IReadOnlyList<Multiaddress>? Addresses, bool IsInsisted, bool IsHearsay)
{
    /// <summary>Whether the gaters have answered about them.</summary>
    public bool IsAnswered { get; private init; }

    /// <summary>An address about which the gaters have answered.</summary>
    public static DialOffer Answered(DialCandidate candidate) => new([candidate.Address], candidate.IsInsisted, candidate.IsHearsay) { IsAnswered = true };

    /// <summary>What a request brings: addresses that the caller names are dialled, whatever happened before.</summary>
    public static DialOffer Of(DialRequest request) => request.Addresses.Count > 0 || request.ExpectedPeer.Peer is null
        ? new DialOffer(request.Addresses, IsInsisted: true, IsHearsay: false)
        : new DialOffer(null, request.ForceNew || request.IgnoreBackoff, IsHearsay: false);
}
