using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>
/// An IPv4 address: four decimal numbers without leading zeros. Stricter than the platform's parser, which also reads octal,
/// hexadecimal and shortened forms.
/// </summary>
internal sealed class Ip4Value : ComponentValue
{
    private const int Size = 4;

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;

        if (destination.Length < Size)
        {
            return TooLong;
        }

        written = TryParse(text, destination) ? Size : 0;
        return written == Size ? null : "not an IPv4 address";
    }

    public override string? Validate(ReadOnlySpan<byte> value) => null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => Append(value, text);

    internal static void Append(ReadOnlySpan<byte> value, StringBuilder text) =>
        text.Append(value[0]).Append('.').Append(value[1]).Append('.').Append(value[2]).Append('.').Append(value[3]);

    internal static bool TryParse(ReadOnlySpan<char> text, Span<byte> destination)
    {
        int part = 0;

        foreach (Range range in text.Split('.'))
        {
            ReadOnlySpan<char> digits = text[range];

            if (part == Size || digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
            {
                return false;
            }

            int number = 0;

            foreach (char digit in digits)
            {
                if (!char.IsAsciiDigit(digit))
                {
                    return false;
                }

                number = (number * 10) + digit - '0';
            }

            if (number > byte.MaxValue)
            {
                return false;
            }

            destination[part++] = (byte)number;
        }

        return part == Size;
    }
}
