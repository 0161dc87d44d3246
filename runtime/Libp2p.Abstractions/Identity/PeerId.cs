using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Libp2p.Json;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// Who a peer is (https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md): a multihash of its public key. Keys whose
/// protobuf form takes at most <see cref="MaxInlineKeyLength"/> bytes are inlined with the identity function (Ed25519, secp256k1);
/// others are hashed with SHA2-256. Immutable; equal, and ordered, by bytes. Every instance is one of these two forms, so a peer has
/// one id and an id has one byte string.
/// </summary>
[JsonConverter(typeof(PeerIdJsonConverter))]
public sealed partial class PeerId : IEquatable<PeerId>, IComparable<PeerId>
{
    /// <summary>The longest public key, in its protobuf form, that an id contains.</summary>
    public const int MaxInlineKeyLength = 42;

    /// <summary>The longest id, in bytes.</summary>
    public const int MaxLength = 2 + MaxInlineKeyLength;

    private const string FormatName = "peer id";

    private readonly byte[] _bytes;
    private readonly int _hash;

    private PeerId(byte[] multihash)
    {
        _bytes = multihash;

        // Seeded per process: ids are cheap to grind, and must not be made to collide in our tables.
        HashCode hash = default;
        hash.AddBytes(multihash);
        _hash = hash.ToHashCode();
    }

    /// <summary>The multihash.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The multihash.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Compares by bytes.</summary>
    public static bool operator ==(PeerId? left, PeerId? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares by bytes.</summary>
    public static bool operator !=(PeerId? left, PeerId? right) => !(left == right);

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <(PeerId? left, PeerId? right) => Compare(left, right) < 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >(PeerId? left, PeerId? right) => Compare(left, right) > 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator <=(PeerId? left, PeerId? right) => Compare(left, right) <= 0;

    /// <summary>Orders as <see cref="CompareTo"/>.</summary>
    public static bool operator >=(PeerId? left, PeerId? right) => Compare(left, right) >= 0;

    /// <summary>The identity that <paramref name="key"/> stands for.</summary>
    public static PeerId FromPublicKey(PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.PeerId;
    }

    /// <summary>Reads a multihash, which is copied.</summary>
    /// <exception cref="MultiformatException">
    /// It is no multihash, or one that no key has: only SHA2-256 of 32 bytes, and the identity of 1 to 42 bytes, name a peer.
    /// </exception>
    public static PeerId FromBytes(ReadOnlySpan<byte> multihash)
    {
        if (!TryFromBytes(multihash, out PeerId? peer, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return peer;
    }

    /// <summary>As <see cref="FromBytes"/>, without throwing.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> multihash, [NotNullWhen(true)] out PeerId? peer) =>
        TryFromBytes(multihash, out peer, out _);

    /// <summary>As <see cref="FromBytes"/>, without throwing; says why not.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> multihash, [NotNullWhen(true)] out PeerId? peer, out MultiformatError error)
    {
        peer = IsPeerId(multihash, out error) ? new PeerId(multihash.ToArray()) : null;
        return peer is not null;
    }

    /// <summary>Gives the public key that the id contains.</summary>
    /// <returns><see langword="false"/> when the id is a digest, or contains something else than a key.</returns>
    public bool TryGetPublicKey([NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        return _bytes[0] == Multicodec.Identity && PublicKey.TryFromProtobuf(_bytes.AsSpan(2), out key);
    }

    /// <summary>The id as a CIDv1 with the codec <c>libp2p-key</c>: for DNS labels and other places where case is lost.</summary>
    public Cid ToCid() => Cid.Version1(Multicodec.Libp2pKey, Multihash.FromBytes(_bytes));

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] PeerId? other) =>
        ReferenceEquals(this, other) || (other is not null && _hash == other._hash && _bytes.AsSpan().SequenceEqual(other._bytes));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as PeerId);

    /// <summary>Well distributed, computed once, different in each process.</summary>
    public override int GetHashCode() => _hash;

    /// <summary>Orders by bytes, as unsigned numbers; null comes first.</summary>
    public int CompareTo(PeerId? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <summary>The id of a key in its canonical protobuf form.</summary>
    internal static PeerId FromProtobuf(ReadOnlySpan<byte> publicKey)
    {
        bool inline = publicKey.Length <= MaxInlineKeyLength;
        byte[] multihash = new byte[2 + (inline ? publicKey.Length : SHA256.HashSizeInBytes)];
        multihash[0] = (byte)(inline ? Multicodec.Identity : Multicodec.Sha2256);
        multihash[1] = (byte)(multihash.Length - 2);

        if (inline)
        {
            publicKey.CopyTo(multihash.AsSpan(2));
        }
        else
        {
            SHA256.HashData(publicKey, multihash.AsSpan(2));
        }

        return new PeerId(multihash);
    }

    /// <summary>Tells whether bytes are those of a peer id.</summary>
    internal static bool IsPeerId(ReadOnlySpan<byte> multihash, out MultiformatError error)
    {
        if (!Multihash.TryRead(multihash, out ulong code, out ReadOnlySpan<byte> digest, out error))
        {
            return false;
        }

        string? reason = code switch
        {
            Multicodec.Sha2256 => digest.Length == SHA256.HashSizeInBytes ? null : "a SHA2-256 digest is 32 bytes",
            Multicodec.Identity => digest.Length is > 0 and <= MaxInlineKeyLength ? null : "an inlined key is 1 to 42 bytes",
            _ => "peers are named by SHA2-256 or by an inlined key only",
        };

        error = reason is null ? default : new MultiformatError(0, reason);
        return reason is null;
    }

    private static int Compare(PeerId? left, PeerId? right) => left is null ? (right is null ? 0 : -1) : left.CompareTo(right);
}
