using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>An unsigned number of fixed size, big-endian; decimal digits in text. Leading zeros are read, as in go, not written.</summary>
internal sealed class NumberValue(int size) : ComponentValue
{
    public static ulong Read(ReadOnlySpan<byte> value)
    {
        ulong number = 0;

        foreach (byte part in value)
        {
            number = (number << 8) | part;
        }

        return number;
    }

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        ulong max = ulong.MaxValue >> (64 - (8 * size));
        ulong number = 0;

        foreach (char character in text)
        {
            if (!char.IsAsciiDigit(character))
            {
                return "not a decimal number";
            }

            ulong digit = (ulong)(character - '0');

            if (number > (max - digit) / 10)
            {
                return "the number is out of range";
            }

            number = (number * 10) + digit;
        }

        if (destination.Length < size)
        {
            return TooLong;
        }

        for (int i = size - 1; i >= 0; i--, number >>= 8)
        {
            destination[i] = (byte)number;
        }

        written = size;
        return null;
    }

    public override string? Validate(ReadOnlySpan<byte> value) => null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => text.Append(Read(value));
}
