using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Multiformats;

/// <summary>
/// A content identifier (https://github.com/multiformats/cid). Immutable; equal when the bytes are, so a version 0 and a version 1
/// of the same content differ: compare <see cref="ToVersion1"/> of both to look past that.
/// <code>
/// version 0: the multihash, always SHA2-256 of 32 bytes; the codec is dag-pb
/// version 1: 01 | varint codec | multihash
/// </code>
/// </summary>
public sealed class Cid : IEquatable<Cid>
{
    /// <summary>The longest CID accepted, in bytes.</summary>
    public const int MaxLength = 1 + Varint.MaxLength + Varint.MaxLength + 2 + Multihash.MaxDigestLength;

    private const string FormatName = "CID";
    private const int Version0TextLength = 46;
    private const int Version0Length = 34;

    private readonly byte[] _bytes;
    private string? _text;

    private Cid(int version, ulong codec, Multihash hash, byte[] bytes)
    {
        Version = version;
        Codec = codec;
        Hash = hash;
        _bytes = bytes;
    }

    /// <summary>0 or 1.</summary>
    public int Version { get; }

    /// <summary>What kind of content it is, a code of the multicodec table.</summary>
    public ulong Codec { get; }

    /// <summary>The digest of the content.</summary>
    public Multihash Hash { get; }

    /// <summary>The binary form.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The binary form.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Compares by bytes.</summary>
    public static bool operator ==(Cid? left, Cid? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares by bytes.</summary>
    public static bool operator !=(Cid? left, Cid? right) => !(left == right);

    /// <summary>Makes a version 0, which is a bare SHA2-256 of a dag-pb block.</summary>
    /// <exception cref="ArgumentException">The multihash is not SHA2-256 of 32 bytes.</exception>
    public static Cid Version0(Multihash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);

        return IsVersion0(hash.Bytes)
            ? new Cid(0, Multicodec.DagPb, hash, hash.Bytes.ToArray())
            : throw new ArgumentException("A CIDv0 holds a SHA2-256 digest of 32 bytes.", nameof(hash));
    }

    /// <summary>Makes a version 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The codec exceeds <see cref="Varint.MaxValue"/>.</exception>
    public static Cid Version1(ulong codec, Multihash hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        int hashStart = 1 + Varint.GetLength(codec);
        byte[] bytes = new byte[hashStart + hash.Bytes.Length];
        bytes[0] = 1;
        Varint.Write(bytes.AsSpan(1), codec);
        hash.Bytes.CopyTo(bytes.AsSpan(hashStart));
        return new Cid(1, codec, hash, bytes);
    }

    /// <summary>Reads a CID that is all of <paramref name="source"/>, which is copied.</summary>
    /// <exception cref="MultiformatException">It is none, or something follows it.</exception>
    public static Cid FromBytes(ReadOnlySpan<byte> source)
    {
        if (!TryFromBytes(source, out Cid? cid, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return cid;
    }

    /// <summary>As <see cref="FromBytes"/>, without throwing.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Cid? cid) => TryFromBytes(source, out cid, out _);

    /// <summary>As <see cref="FromBytes"/>, without throwing; says why not.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Cid? cid, out MultiformatError error)
    {
        cid = null;

        if (IsVersion0(source))
        {
            error = default;
            cid = Version0(Multihash.FromBytes(source));
            return true;
        }

        if (source.IsEmpty || source[0] != 1)
        {
            error = new MultiformatError(0, source.IsEmpty ? "empty" : "the version is not 0 or 1");
            return false;
        }

        if (Varint.Read(source[1..], out ulong codec, out int codecLength) != System.Buffers.OperationStatus.Done)
        {
            error = Varint.Explain(source[1..]);
            error = error with { Position = error.Position + 1 };
            return false;
        }

        if (!Multihash.TryFromBytes(source[(1 + codecLength)..], out Multihash? hash, out error))
        {
            error = error with { Position = error.Position + 1 + codecLength };
            return false;
        }

        cid = Version1(codec, hash);
        return true;
    }

    /// <summary>Reads a CID in text: base58btc without a prefix (version 0), or multibase in any base (version 1).</summary>
    /// <exception cref="MultiformatException">The text is no CID.</exception>
    public static Cid Parse(ReadOnlySpan<char> text)
    {
        if (!TryParse(text, out Cid? cid, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error, text);
        }

        return cid;
    }

    /// <summary>As <see cref="Parse"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Cid? cid) => TryParse(text, out cid, out _);

    /// <summary>As <see cref="Parse"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out Cid? cid, out MultiformatError error)
    {
        cid = null;
        Span<byte> bytes = stackalloc byte[MaxLength];
        bool isVersion0 = text.Length == Version0TextLength && text.StartsWith("Qm", StringComparison.Ordinal);

        if (!(isVersion0
            ? Alphabets.Base58Btc.TryDecode(text, bytes, out int length, out error)
            : Multibase.TryDecode(text, out _, bytes, out length, out error)))
        {
            return false;
        }

        if (!isVersion0 && IsVersion0(bytes[..length]))
        {
            error = new MultiformatError(0, "a version 0 has no multibase form");
            return false;
        }

        bool valid = TryFromBytes(bytes[..length], out cid, out error);
        error = valid ? default : error with { Position = 0 }; // its bytes have no place of their own in the text
        return valid;
    }

    /// <summary>The same content as a version 1.</summary>
    public Cid ToVersion1() => Version == 1 ? this : Version1(Codec, Hash);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Cid? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Cid);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The customary text: base58btc without a prefix for version 0, base32 for version 1. Computed once.</summary>
    public override string ToString() =>
        _text ??= Version == 0 ? Alphabets.Base58Btc.Encode(_bytes) : Multibase.Encode(MultibaseEncoding.Base32, _bytes);

    /// <summary>The text of a version 1 in another base.</summary>
    /// <exception cref="InvalidOperationException">It is a version 0, which is written in base58btc only.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The base is not defined, or too narrow for this CID.</exception>
    public string ToString(MultibaseEncoding encoding) => Version == 1
        ? Multibase.Encode(encoding, _bytes)
        : throw new InvalidOperationException("A CIDv0 is written in base58btc only; convert it with ToVersion1.");

    private static bool IsVersion0(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Version0Length && bytes[0] == (byte)Multicodec.Sha2256 && bytes[1] == 32;
}
