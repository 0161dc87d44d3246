using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Security;

/// <summary>
/// Who the remote of a handshake must turn out to be. There is no default that matches: <c>default</c> matches nobody, and
/// <see cref="Anyone"/> has to be said.
/// </summary>
public readonly struct ExpectedPeer : IEquatable<ExpectedPeer>
{
    private readonly bool _anyone;

    private ExpectedPeer(PeerId? peer, bool anyone) => (Peer, _anyone) = (peer, anyone);

    /// <summary>Any peer: what a listener expects, and a dial to an address without a peer id that the caller allowed.</summary>
    public static ExpectedPeer Anyone => new(null, anyone: true);

    /// <summary>This peer and no other.</summary>
    public static ExpectedPeer Exactly(PeerId peer) => new(peer, anyone: false);

    /// <summary>The one peer that matches, or null.</summary>
    public PeerId? Peer { get; }

    /// <summary>Whether the peer that was authenticated is acceptable.</summary>
    public bool Matches(PeerId peer) => _anyone || (Peer is not null && Peer.Equals(peer));

    /// <inheritdoc/>
    public bool Equals(ExpectedPeer other) => _anyone == other._anyone && Equals(Peer, other.Peer);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ExpectedPeer other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Peer, _anyone);

    /// <inheritdoc/>
    public override string ToString() => _anyone ? "anyone" : Peer?.ToString() ?? "nobody";

    /// <summary>Whether both expect the same.</summary>
    public static bool operator ==(ExpectedPeer left, ExpectedPeer right) => left.Equals(right);

    /// <summary>Whether they expect different peers.</summary>
    public static bool operator !=(ExpectedPeer left, ExpectedPeer right) => !left.Equals(right);
}
