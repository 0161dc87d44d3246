using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// The public half of a peer's identity: an algorithm and the key as libp2p encodes it. Immutable; equal when both are.
/// <para>
/// It promises the shape of the key (the lengths of Ed25519 and secp256k1 keys), not that the key is a point on its curve or a usable
/// RSA modulus, which is checked where signatures are verified.
/// </para>
/// </summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>The longest key accepted, in bytes. An RSA key of 8192 bits takes about 1,060.</summary>
    public const int MaxDataLength = 2048;

    /// <summary>The longest protobuf message accepted, in bytes: the longest key and room for fields unknown to us.</summary>
    public const int MaxProtobufLength = 4096;

    private const string FormatName = "public key";
    private const int Ed25519Length = 32;
    private const int Secp256k1Length = 33;

    private readonly byte[] _protobuf;
    private readonly int _dataStart;

    /// <summary>Makes a key of its parts; <paramref name="data"/> is copied.</summary>
    /// <param name="type">The algorithm.</param>
    /// <param name="data">
    /// The key as on the wire, in canonical form: the peer id is computed from these very bytes.
    /// </param>
    /// <exception cref="MultiformatException">The algorithm is unknown, or the data cannot be a key of it.</exception>
    public PublicKey(KeyType type, ReadOnlySpan<byte> data)
    {
        if (Refuse((int)type, data) is { } reason)
        {
            MultiformatException.Throw(FormatName, reason);
        }

        Type = type;
        _protobuf = PublicKeyProtobuf.Write(type, data, out _dataStart);
    }

    /// <summary>The algorithm.</summary>
    public KeyType Type { get; }

    /// <summary>The key, encoded as its <see cref="Type"/> says.</summary>
    public ReadOnlyMemory<byte> Data => _protobuf.AsMemory(_dataStart);

    /// <summary>The identity that this key stands for. Computed once.</summary>
    public PeerId PeerId => field ??= PeerId.FromProtobuf(_protobuf);

    /// <summary>Compares algorithm and data.</summary>
    public static bool operator ==(PublicKey? left, PublicKey? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares algorithm and data.</summary>
    public static bool operator !=(PublicKey? left, PublicKey? right) => !(left == right);

    /// <summary>Makes a key of its parts, without throwing.</summary>
    public static bool TryCreate(KeyType type, ReadOnlySpan<byte> data, [NotNullWhen(true)] out PublicKey? key)
    {
        key = Refuse((int)type, data) is null ? new PublicKey(type, data) : null;
        return key is not null;
    }

    /// <summary>
    /// Reads the protobuf form by protobuf's rules: fields in any order, of a repeated one the last, the type cut to 32 bits as all enums,
    /// unknown fields passed over. The key, and with it the peer id, is what a canonical sender would have written: an uncompressed
    /// secp256k1 key becomes its compressed form.
    /// </summary>
    /// <exception cref="MultiformatException">The message is malformed, too long, or holds no key of a known algorithm.</exception>
    public static PublicKey FromProtobuf(ReadOnlySpan<byte> message)
    {
        if (!TryFromProtobuf(message, out PublicKey? key, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return key;
    }

    /// <summary>As <see cref="FromProtobuf"/>, without throwing.</summary>
    public static bool TryFromProtobuf(ReadOnlySpan<byte> message, [NotNullWhen(true)] out PublicKey? key) =>
        TryFromProtobuf(message, out key, out _);

    /// <summary>As <see cref="FromProtobuf"/>, without throwing; says why not.</summary>
    public static bool TryFromProtobuf(ReadOnlySpan<byte> message, [NotNullWhen(true)] out PublicKey? key, out MultiformatError error)
    {
        key = null;

        if (message.Length > MaxProtobufLength)
        {
            error = new MultiformatError(MaxProtobufLength, "longer than 4096 bytes");
            return false;
        }

        if (!PublicKeyProtobuf.TryRead(message, out int type, out ReadOnlySpan<byte> data, out string? reason, out int position))
        {
            error = new MultiformatError(position, reason);
            return false;
        }

        Span<byte> compressed = stackalloc byte[Secp256k1Length];
        scoped ReadOnlySpan<byte> canonical =
            type == (int)KeyType.Secp256k1 && UncompressedSecp256k1.TryCompress(data, compressed) ? compressed : data;
        if (Refuse(type, canonical) is { } refusal)
        {
            error = new MultiformatError(position, refusal);
            return false;
        }

        key = new PublicKey((KeyType)type, canonical);
        error = default;
        return true;
    }

    /// <summary>
    /// The protobuf form: deterministic, both fields always present. The bytes are shared with this instance and never change.
    /// </summary>
    public ReadOnlyMemory<byte> ToProtobuf() => _protobuf;

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] PublicKey? other) => other is not null && _protobuf.AsSpan().SequenceEqual(other._protobuf);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_protobuf);
        return hash.ToHashCode();
    }

    /// <summary>Algorithm and peer id, for people.</summary>
    public override string ToString() => $"{Type} {PeerId}";

    private static string? Refuse(int type, ReadOnlySpan<byte> data) => type switch
    {
        (int)KeyType.Ed25519 => data.Length == Ed25519Length ? null : "an Ed25519 key is 32 bytes",
        (int)KeyType.Secp256k1 =>
            data.Length == Secp256k1Length && data[0] is 2 or 3 ? null : "a secp256k1 key is a compressed point of 33 bytes",
        (int)KeyType.Rsa or (int)KeyType.Ecdsa => data.IsEmpty ? "the key is empty"
            : data.Length > MaxDataLength ? "the key is longer than 2048 bytes"
            : null,
        _ => "the algorithm is unknown",
    };
}
