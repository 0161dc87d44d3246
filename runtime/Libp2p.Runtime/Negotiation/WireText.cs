using System.Globalization;
using System.Text;

namespace Libp2p.Negotiation;

/// <summary>Bytes of a remote, for an error message: escaped, because they may hold anything, and clipped, because they may be many.</summary>
internal static class WireText
{
    private const int MaxBytes = 64;

    /// <summary>The bytes between quotation marks: printable ASCII as it is, the rest as escapes.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");

        foreach (byte value in bytes[..Math.Min(bytes.Length, MaxBytes)])
        {
            _ = value switch
            {
                (byte)'\n' => text.Append("\\n"),
                (byte)'\r' => text.Append("\\r"),
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)value),
                >= 0x20 and < 0x7F => text.Append((char)value),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\x{value:x2}"),
            };
        }

        return text.Append(bytes.Length > MaxBytes ? "…\"" : "\"").ToString();
    }
}
