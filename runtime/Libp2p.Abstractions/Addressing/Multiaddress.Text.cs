using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Libp2p.Addressing;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>
/// The text form. Reading is strict but for slashes at the end and <c>/ipfs/</c> for <c>/p2p/</c>; writing gives the one canonical
/// text, which reads back to the same bytes.
/// </content>
public sealed partial class Multiaddress
    : ISpanParsable<Multiaddress>, IUtf8SpanParsable<Multiaddress>, ISpanFormattable, IUtf8SpanFormattable
{
    /// <summary>The longest text accepted, in UTF-16 code units (and in bytes, where text is given as UTF-8).</summary>
    public const int MaxTextLength = 4096;

    private string? _text;

    /// <summary>Reads the text form.</summary>
    /// <param name="s">Such as <c>/ip4/1.2.3.4/tcp/4001</c>.</param>
    /// <exception cref="MultiformatException">
    /// The text is malformed, exceeds a limit, or names a protocol that is not in the table.
    /// </exception>
    public static Multiaddress Parse(string s)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan());
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static Multiaddress Parse(ReadOnlySpan<char> s)
    {
        if (!TryParse(s, out Multiaddress? address, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error, s);
        }

        return address;
    }

    /// <inheritdoc cref="Parse(string)"/>
    public static Multiaddress Parse(ReadOnlySpan<byte> utf8Text)
    {
        if (!TryParse(utf8Text, out Multiaddress? address, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return address;
    }

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out Multiaddress? result) =>
        TryParse(s.AsSpan(), out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, [NotNullWhen(true)] out Multiaddress? result) => TryParse(s, out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, [NotNullWhen(true)] out Multiaddress? result) =>
        TryParse(utf8Text, out result, out _);

    /// <summary>As <see cref="Parse(string)"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, [NotNullWhen(true)] out Multiaddress? result, out MultiformatError error)
    {
        Span<byte> bytes = stackalloc byte[MaxLength];
        Span<ComponentRange> components = stackalloc ComponentRange[MaxComponents];
        result = MultiaddressText.TryRead(s, bytes, out int length, components, out int count, out error)
            ? new Multiaddress(bytes[..length].ToArray(), components[..count].ToArray())
            : null;
        return result is not null;
    }

    /// <summary>As <see cref="Parse(string)"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, [NotNullWhen(true)] out Multiaddress? result, out MultiformatError error)
    {
        result = null;

        if (utf8Text.Length > MaxTextLength)
        {
            error = new MultiformatError(MaxTextLength, "longer than 4096 bytes");
            return false;
        }

        Span<char> text = stackalloc char[utf8Text.Length];

        if (Utf8.ToUtf16(utf8Text, text, out int read, out int length, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            error = new MultiformatError(read, "the text is not valid UTF-8");
            return false;
        }

        return TryParse(text[..length], out result, out error);
    }

    /// <summary>The canonical text: <c>/p2p/</c> in base58btc, <c>/certhash/</c> in base64url, IPv6 as RFC 5952. Computed once.</summary>
    public override string ToString() => _text ??= Format();

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
    static Multiaddress IParsable<Multiaddress>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static Multiaddress ISpanParsable<Multiaddress>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s);

    static Multiaddress IUtf8SpanParsable<Multiaddress>.Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => Parse(utf8Text);

    static bool IParsable<Multiaddress>.TryParse(
        [NotNullWhen(true)] string? s,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out Multiaddress result) => TryParse(s, out result);

    static bool ISpanParsable<Multiaddress>.TryParse(
        ReadOnlySpan<char> s,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out Multiaddress result) => TryParse(s, out result);

    static bool IUtf8SpanParsable<Multiaddress>.TryParse(
        ReadOnlySpan<byte> utf8Text,
        IFormatProvider? provider,
        [MaybeNullWhen(false)] out Multiaddress result) => TryParse(utf8Text, out result);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => ToString();

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TryFormat(destination, out charsWritten);

    bool IUtf8SpanFormattable.TryFormat(
        Span<byte> utf8Destination,
        out int bytesWritten,
        ReadOnlySpan<char> format,
        IFormatProvider? provider) => TryFormat(utf8Destination, out bytesWritten);

    private string Format()
    {
        StringBuilder text = new(4 * _bytes.Length);

        foreach (MultiaddressComponent component in this)
        {
            component.AppendTo(text);
        }

        return text.ToString();
    }
}
