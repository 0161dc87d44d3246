using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>
/// An IPv6 address. Read: RFC 4291 text, without brackets, zone or port. Written: RFC 5952 text, so lower case and the longest run of
/// zeros folded; an IPv4-mapped address ends in dotted decimals, as go prints it.
/// </summary>
internal sealed class Ip6Value : ComponentValue
{
    private const int Size = 16;
    private const int GroupCount = 8;

    private static ReadOnlySpan<byte> MappedPrefix => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;

        if (destination.Length < Size)
        {
            return TooLong;
        }

        written = TryParse(text, destination[..Size]) ? Size : 0;
        return written == Size ? null : "not an IPv6 address";
    }

    public override string? Validate(ReadOnlySpan<byte> value) => null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text)
    {
        if (value.StartsWith(MappedPrefix))
        {
            text.Append("::ffff:");
            Ip4Value.Append(value[MappedPrefix.Length..], text);
            return;
        }

        (int foldStart, int foldLength) = LongestZeroRun(value);

        for (int i = 0; i < GroupCount; i++)
        {
            if (i == foldStart)
            {
                text.Append("::");
                i += foldLength - 1;
                continue;
            }

            if (i > 0 && i != foldStart + foldLength)
            {
                text.Append(':');
            }

            text.Append(CultureInfo.InvariantCulture, $"{Group(value, i):x}");
        }
    }

    private static bool TryParse(ReadOnlySpan<char> text, Span<byte> destination)
    {
        int fold = text.IndexOf("::");

        if (fold < 0)
        {
            return TryParseGroups(text, destination, mayEndDotted: true, out int all) && all == Size;
        }

        Span<byte> tail = stackalloc byte[Size];
        ReadOnlySpan<char> before = text[..fold];
        ReadOnlySpan<char> after = text[(fold + 2)..];
        int headLength = 0;
        int tailLength = 0;

        if ((!before.IsEmpty && !TryParseGroups(before, destination, mayEndDotted: false, out headLength))
            || (!after.IsEmpty && !TryParseGroups(after, tail, mayEndDotted: true, out tailLength))
            || headLength + tailLength > Size - 2)
        {
            return false;
        }

        destination[headLength..].Clear();
        tail[..tailLength].CopyTo(destination[^tailLength..]);
        return true;
    }

    /// <summary>Groups separated by single colons; the last may be dotted decimals.</summary>
    private static bool TryParseGroups(ReadOnlySpan<char> text, Span<byte> destination, bool mayEndDotted, out int written)
    {
        written = 0;

        foreach (Range range in text.Split(':'))
        {
            ReadOnlySpan<char> group = text[range];

            if (mayEndDotted && range.End.Value == text.Length && group.Contains('.'))
            {
                if (written > Size - 4 || !Ip4Value.TryParse(group, destination.Slice(written, 4)))
                {
                    return false;
                }

                written += 4;
                return true;
            }

            if (written == Size
                || group.Length > 4
                || !ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(destination[written..], number);
            written += 2;
        }

        return true;
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> value)
    {
        (int Start, int Length) longest = (-1, 1); // a single zero is not folded

        for (int start = 0; start < GroupCount; start++)
        {
            int length = 0;

            while (start + length < GroupCount && Group(value, start + length) == 0)
            {
                length++;
            }

            if (length > longest.Length)
            {
                longest = (start, length);
            }
        }

        return longest.Start < 0 ? (-1, 0) : longest;
    }

    private static ushort Group(ReadOnlySpan<byte> value, int index) => BinaryPrimitives.ReadUInt16BigEndian(value[(2 * index)..]);
}
