using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Multiformats;

/// <summary>
/// Bytes as text whose first character names the base (https://github.com/multiformats/multibase).
/// <para>
/// Reading is strict where it protects: unknown bases, foreign characters, wrong padding and loose bits are refused. It is lax
/// where the registry says so: hexadecimal, base32 and base36 are read in either letter case. The registered but experimental
/// <c>proquint</c> is not supported.
/// </para>
/// </summary>
public static class Multibase
{
    /// <summary>The most bytes written or read at once.</summary>
    public const int MaxByteCount = 8192;

    /// <summary>
    /// The most bytes for the bases that treat them as one number (10, 36, 58), whose cost grows with the square of the length: the
    /// longest CID, so that a CID that is read in one base is read in all.
    /// </summary>
    public const int MaxRadixByteCount = Cid.MaxLength;

    private const string FormatName = "multibase text";

    /// <summary>Writes <paramref name="bytes"/> in a base, with its prefix.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The base is not defined, or the bytes exceed its limit.</exception>
    public static string Encode(MultibaseEncoding encoding, ReadOnlySpan<byte> bytes)
    {
        BaseAlphabet alphabet = Find(encoding) ?? throw new ArgumentOutOfRangeException(nameof(encoding), encoding, null);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, alphabet.MaxByteCount, nameof(bytes));
        return string.Concat(char.ConvertFromUtf32((int)encoding), alphabet.Encode(bytes));
    }

    /// <summary>Reads a text with its prefix.</summary>
    /// <param name="text">Prefix and digits; all of it is read.</param>
    /// <param name="encoding">The base that the prefix named.</param>
    /// <exception cref="MultiformatException">The text is in no known base, or malformed, or too long.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text, out MultibaseEncoding encoding)
    {
        if (!TryDecode(text, out encoding, out byte[]? bytes, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error, text);
        }

        return bytes;
    }

    /// <summary>As <see cref="Decode"/>, without throwing.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out MultibaseEncoding encoding, [NotNullWhen(true)] out byte[]? bytes) =>
        TryDecode(text, out encoding, out bytes, out _);

    /// <summary>As <see cref="Decode"/>, without throwing; says why not.</summary>
    public static bool TryDecode(
        ReadOnlySpan<char> text,
        out MultibaseEncoding encoding,
        [NotNullWhen(true)] out byte[]? bytes,
        out MultiformatError error)
    {
        bytes = null;

        if (!TryReadPrefix(text, out encoding, out BaseAlphabet? alphabet, out int prefixLength, out error))
        {
            return false;
        }

        int bound = Math.Min(alphabet.GetMaxByteCount(text.Length - prefixLength), alphabet.MaxByteCount);
        Span<byte> buffer = bound <= 256 ? stackalloc byte[256] : new byte[bound];

        if (!alphabet.TryDecode(text[prefixLength..], buffer[..bound], out int written, out error))
        {
            error = error with { Position = error.Position + prefixLength };
            return false;
        }

        bytes = buffer[..written].ToArray();
        return true;
    }

    /// <summary>Reads a text with its prefix into a buffer, without allocating or throwing.</summary>
    /// <param name="text">Prefix and digits; all of it is read.</param>
    /// <param name="encoding">The base that the prefix named.</param>
    /// <param name="destination">Where the bytes go. A text that stands for more bytes than fit is refused.</param>
    /// <param name="written">How many bytes the text stood for.</param>
    /// <param name="error">Why the text was refused.</param>
    public static bool TryDecode(
        ReadOnlySpan<char> text,
        out MultibaseEncoding encoding,
        Span<byte> destination,
        out int written,
        out MultiformatError error)
    {
        written = 0;

        if (!TryReadPrefix(text, out encoding, out BaseAlphabet? alphabet, out int prefixLength, out error))
        {
            return false;
        }

        if (!alphabet.TryDecode(text[prefixLength..], destination, out written, out error))
        {
            error = error with { Position = error.Position + prefixLength };
            return false;
        }

        return true;
    }

    private static bool TryReadPrefix(
        ReadOnlySpan<char> text,
        out MultibaseEncoding encoding,
        [NotNullWhen(true)] out BaseAlphabet? alphabet,
        out int prefixLength,
        out MultiformatError error)
    {
        // Every prefix is one character, but for the emoji's surrogate pair.
        prefixLength = text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? 2 : 1;
        encoding = text.IsEmpty ? MultibaseEncoding.None
            : prefixLength == 2 ? (MultibaseEncoding)char.ConvertToUtf32(text[0], text[1])
            : (MultibaseEncoding)text[0];
        alphabet = Find(encoding);
        error = alphabet is not null ? default : new MultiformatError(0, text.IsEmpty ? "empty" : "no base has this prefix");
        encoding = alphabet is not null ? encoding : MultibaseEncoding.None;
        return alphabet is not null;
    }

    private static BaseAlphabet? Find(MultibaseEncoding encoding) => encoding switch
    {
        MultibaseEncoding.Base2 => Alphabets.Base2,
        MultibaseEncoding.Base8 => Alphabets.Base8,
        MultibaseEncoding.Base10 => Alphabets.Base10,
        MultibaseEncoding.Base16 => Alphabets.Base16,
        MultibaseEncoding.Base16Upper => Alphabets.Base16Upper,
        MultibaseEncoding.Base32 => Alphabets.Base32,
        MultibaseEncoding.Base32Upper => Alphabets.Base32Upper,
        MultibaseEncoding.Base32Pad => Alphabets.Base32Pad,
        MultibaseEncoding.Base32PadUpper => Alphabets.Base32PadUpper,
        MultibaseEncoding.Base32Hex => Alphabets.Base32Hex,
        MultibaseEncoding.Base32HexUpper => Alphabets.Base32HexUpper,
        MultibaseEncoding.Base32HexPad => Alphabets.Base32HexPad,
        MultibaseEncoding.Base32HexPadUpper => Alphabets.Base32HexPadUpper,
        MultibaseEncoding.Base32Z => Alphabets.Base32Z,
        MultibaseEncoding.Base36 => Alphabets.Base36,
        MultibaseEncoding.Base36Upper => Alphabets.Base36Upper,
        MultibaseEncoding.Base45 => Alphabets.Base45,
        MultibaseEncoding.Base58Btc => Alphabets.Base58Btc,
        MultibaseEncoding.Base58Flickr => Alphabets.Base58Flickr,
        MultibaseEncoding.Base64 => Alphabets.Base64,
        MultibaseEncoding.Base64Pad => Alphabets.Base64Pad,
        MultibaseEncoding.Base64Url => Alphabets.Base64Url,
        MultibaseEncoding.Base64UrlPad => Alphabets.Base64UrlPad,
        MultibaseEncoding.Base256Emoji => Alphabets.Base256Emoji,
        _ => null,
    };
}
