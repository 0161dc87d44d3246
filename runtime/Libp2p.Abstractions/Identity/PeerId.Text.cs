using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>
/// The text forms. Written: base58btc of the multihash, without a prefix, which every implementation reads. Read: that
/// (<c>1…</c> or <c>Qm…</c>), or a CIDv1 with the codec <c>libp2p-key</c> in any base.
/// </content>
public sealed partial class PeerId : ISpanParsable<PeerId>, IUtf8SpanParsable<PeerId>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>The longest text accepted, in characters: the longest CID in the widest base fits.</summary>
    public const int MaxTextLength = 384;

    private string? _text;

    // CIDv1, libp2p-key.
    private static ReadOnlySpan<byte> CidPrefix => [0x01, 0x72];

    /// <summary>Reads a peer id.</summary>
    /// <param name="s">Base58btc (<c>12D3KooW…</c>, <c>16Uiu2…</c>, <c>Qm…</c>) or a CIDv1 (<c>bafz…</c>, <c>k51…</c>).</param>
    /// <exception cref="MultiformatException">The text is no peer id.</exception>
    public static PeerId Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static PeerId Parse(ReadOnlySpan<char> s)
    {
        if (!TryParse(s, out PeerId? peer, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error, s);
        }

        return peer;
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static PeerId Parse(ReadOnlySpan<byte> utf8Text)
    {
        if (!TryParse(utf8Text, out PeerId? peer, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return peer;
    }

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out PeerId? result) =>
        TryParse(s.AsSpan(), out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, [NotNullWhen(true)] out PeerId? result) => TryParse(s, out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, [NotNullWhen(true)] out PeerId? result) =>
        TryParse(utf8Text, out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, [NotNullWhen(true)] out PeerId? result, out MultiformatError error)
    {
        Span<byte> multihash = stackalloc byte[MaxLength];
        result = TryDecode(s, multihash, out int length, out error) ? new PeerId(multihash[..length].ToArray()) : null;
        return result is not null;
    }

    /// <summary>As <see cref="Parse(string)"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, [NotNullWhen(true)] out PeerId? result, out MultiformatError error)
    {
        Span<char> text = stackalloc char[MaxTextLength];
        result = null;

        if (Utf8.ToUtf16(utf8Text, text, out int read, out int length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            error = new MultiformatError(read, "too long, or not valid UTF-8");
            return false;
        }

        return TryParse(text[..length], out result, out error);
    }

    /// <summary>Base58btc of the multihash. Computed once.</summary>
    public override string ToString() => _text ??= Alphabets.Base58Btc.Encode(_bytes);

    /// <summary>Writes <see cref="ToString()"/> into a buffer.</summary>
    /// <returns><see langword="false"/>, and nothing written, when it does not fit.</returns>
    public bool TryFormat(Span<char> destination, out int charsWritten)
    {
        string text = ToString();
        bool fits = text.TryCopyTo(destination);
        charsWritten = fits ? text.Length : 0;
        return fits;
    }

    /// <summary>Writes <see cref="ToString()"/> into a buffer, as UTF-8.</summary>
    /// <returns><see langword="false"/> when it does not fit.</returns>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten) =>
        Encoding.UTF8.TryGetBytes(ToString(), utf8Destination, out bytesWritten);

    // The culture and the format make no difference: there is one text.
    static PeerId IParsable<PeerId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static PeerId ISpanParsable<PeerId>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static PeerId IUtf8SpanParsable<PeerId>.Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => Parse(utf8Text);

    static bool IParsable<PeerId>.TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out PeerId result) => TryParse(s, out result);

    static bool ISpanParsable<PeerId>.TryParse(
        ReadOnlySpan<char> s,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out PeerId result) => TryParse(s, out result);

    static bool IUtf8SpanParsable<PeerId>.TryParse(
        ReadOnlySpan<byte> utf8Text,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out PeerId result) => TryParse(utf8Text, out result);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination,
        out int bytesWritten,
        ReadOnlySpan<char> format,
        IFormatProvider? provider) => TryFormat(utf8Destination, out bytesWritten);

    /// <summary>Reads a text form into the multihash of a valid peer id.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> multihash, out int length, out MultiformatError error)
    {
        length = 0;

        if (text.Length is 0 or > MaxTextLength)
        {
            error = new MultiformatError(0, text.IsEmpty ? "empty" : "longer than 384 characters");
            return false;
        }

        bool isBase58 = text[0] == '1' || text.StartsWith("Qm", StringComparison.Ordinal);

        if (!(isBase58
            ? Alphabets.Base58Btc.TryDecode(text, multihash, out length, out error)
            : TryDecodeCid(text, multihash, out length, out error)))
        {
            return false;
        }

        bool valid = IsPeerId(multihash[..length], out error);
        error = valid ? default : error with { Position = 0 }; // bytes of the id have no place of their own in the text
        return valid;
    }

    private static bool TryDecodeCid(ReadOnlySpan<char> text, Span<byte> multihash, out int length, out MultiformatError error)
    {
        Span<byte> cid = stackalloc byte[CidPrefix.Length + MaxLength];

        if (!Multibase.TryDecode(text, out _, cid, out length, out error))
        {
            return false;
        }

        if (!cid[..length].StartsWith(CidPrefix))
        {
            error = new MultiformatError(0, "the CID is not version 1 with the codec libp2p-key");
            return false;
        }

        length -= CidPrefix.Length;
        cid.Slice(CidPrefix.Length, length).CopyTo(multihash);
        return true;
    }
}
