using System.Buffers;
using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>
/// The path of an HTTP resource, percent-encoded in text so that it is one segment, and raw in bytes without a leading slash.
/// Read as RFC 3986 says, like rust and js: <c>+</c> is a plus. go reads it as a space, so a plus is written as <c>%2B</c> and a space
/// as <c>%20</c>, which all read alike. js keeps a leading slash in the bytes; it is left where it is found.
/// </summary>
internal sealed class HttpPathValue : ComponentValue
{
    private static readonly SearchValues<byte> s_unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"u8);

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        if (NameValue.Encode(text, destination, out int length) is { } reason)
        {
            written = 0;
            return reason == TooLong ? ParseLong(text, destination, out written) : reason;
        }

        return Unescape(destination[..length], destination, out written);
    }

    public override string? Validate(ReadOnlySpan<byte> value) => value.IsEmpty ? "the path is empty" : null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text)
    {
        foreach (byte part in value)
        {
            if (s_unreserved.Contains(part))
            {
                text.Append((char)part);
            }
            else
            {
                text.Append('%').Append("0123456789ABCDEF"[part >> 4]).Append("0123456789ABCDEF"[part & 15]);
            }
        }
    }

    /// <summary>The escaped text outgrows the destination, but what it stands for may not.</summary>
    private static string? ParseLong(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        Span<byte> escaped = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        written = 0;
        return NameValue.Encode(text, escaped, out int length) ?? Unescape(escaped[..length], destination, out written);
    }

    /// <summary>Undoes percent-encoding; source and destination may begin at the same place.</summary>
    private static string? Unescape(ReadOnlySpan<byte> source, Span<byte> destination, out int written)
    {
        written = 0;

        for (int i = 0; i < source.Length; i++)
        {
            int value = source[i];

            if (source[i] == '%')
            {
                if (source.Length - i < 3 || !char.IsAsciiHexDigit((char)source[i + 1]) || !char.IsAsciiHexDigit((char)source[i + 2]))
                {
                    return "a percent sign without two hexadecimal digits";
                }

                value = (HexDigit(source[i + 1]) << 4) | HexDigit(source[i + 2]);
                i += 2;
            }

            if (written == destination.Length)
            {
                return TooLong;
            }

            destination[written++] = (byte)value;
        }

        return null;
    }

    private static int HexDigit(byte character) => character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10;
}
