using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Libp2p.Multiformats;

/// <summary>
/// A digest that names its hash function (https://github.com/multiformats/multihash). Immutable; equal when the bytes are.
/// <code>
/// varint code | varint length | digest
/// </code>
/// </summary>
public sealed class Multihash : IEquatable<Multihash>
{
    /// <summary>The longest digest accepted, in bytes: no registered function is near it, and inlined data stays small.</summary>
    public const int MaxDigestLength = 1024;

    private const string FormatName = "multihash";

    private readonly byte[] _bytes;
    private readonly int _digestStart;

    /// <summary>Puts a digest under the code of its function. The digest is copied, and not checked against the function.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The code exceeds <see cref="Varint.MaxValue"/>, or the digest <see cref="MaxDigestLength"/>.
    /// </exception>
    public Multihash(ulong code, ReadOnlySpan<byte> digest)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(digest.Length, MaxDigestLength, nameof(digest));

        int codeLength = Varint.GetLength(code);
        _digestStart = codeLength + Varint.GetLength((ulong)digest.Length);
        _bytes = new byte[_digestStart + digest.Length];
        Varint.Write(_bytes, code);
        Varint.Write(_bytes.AsSpan(codeLength), (ulong)digest.Length);
        digest.CopyTo(_bytes.AsSpan(_digestStart));
        Code = code;
    }

    /// <summary>The hash function, a code of the <c>multihash</c> part of the multicodec table.</summary>
    public ulong Code { get; }

    /// <summary>The digest alone.</summary>
    public ReadOnlySpan<byte> Digest => _bytes.AsSpan(_digestStart);

    /// <summary>Code, length and digest, as on the wire.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Code, length and digest, as on the wire.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>Compares by bytes.</summary>
    public static bool operator ==(Multihash? left, Multihash? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares by bytes.</summary>
    public static bool operator !=(Multihash? left, Multihash? right) => !(left == right);

    /// <summary>The identity multihash: the data is its own digest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The data exceeds <see cref="MaxDigestLength"/>.</exception>
    public static Multihash Identity(ReadOnlySpan<byte> data) => new(Multicodec.Identity, data);

    /// <summary>Hashes <paramref name="data"/> with SHA2-256.</summary>
    public static Multihash Sha256(ReadOnlySpan<byte> data)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, digest);
        return new Multihash(Multicodec.Sha2256, digest);
    }

    /// <summary>Reads a multihash that is all of <paramref name="source"/>, which is copied.</summary>
    /// <exception cref="MultiformatException">It is none, or something follows it.</exception>
    public static Multihash FromBytes(ReadOnlySpan<byte> source)
    {
        if (!TryFromBytes(source, out Multihash? multihash, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return multihash;
    }

    /// <summary>As <see cref="FromBytes"/>, without throwing.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Multihash? multihash) =>
        TryFromBytes(source, out multihash, out _);

    /// <summary>As <see cref="FromBytes"/>, without throwing; says why not.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Multihash? multihash, out MultiformatError error)
    {
        multihash = TryRead(source, out ulong code, out ReadOnlySpan<byte> digest, out error) ? new Multihash(code, digest) : null;
        return multihash is not null;
    }

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Multihash? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Multihash);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    /// <summary>The bytes in base58btc, without a multibase prefix: <c>Qm…</c> for SHA2-256.</summary>
    public override string ToString() => Alphabets.Base58Btc.Encode(_bytes);

    /// <summary>Takes a multihash apart in place. <paramref name="source"/> must hold nothing else.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> source, out ulong code, out ReadOnlySpan<byte> digest, out MultiformatError error)
    {
        digest = default;

        if (Varint.Read(source, out code, out int codeLength) != System.Buffers.OperationStatus.Done)
        {
            error = Varint.Explain(source);
            return false;
        }

        ReadOnlySpan<byte> afterCode = source[codeLength..];

        if (Varint.Read(afterCode, out ulong length, out int lengthLength) != System.Buffers.OperationStatus.Done)
        {
            MultiformatError inner = Varint.Explain(afterCode);
            error = inner with { Position = inner.Position + codeLength };
            return false;
        }

        int digestStart = codeLength + lengthLength;

        if (length > MaxDigestLength)
        {
            error = new MultiformatError(codeLength, "the digest is longer than 1024 bytes");
            return false;
        }

        if ((int)length != source.Length - digestStart)
        {
            error = new MultiformatError(codeLength, "the length of the digest is not the length announced");
            return false;
        }

        digest = source[digestStart..];
        error = default;
        return true;
    }
}
