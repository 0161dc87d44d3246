namespace Libp2p.Multiformats;

/// <summary>
/// Base 45 (RFC 9285): two bytes are one number of three digits, a last single byte one of two; the least significant digit first.
/// </summary>
internal sealed class Base45Alphabet : BaseAlphabet
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    private const int Radix = 45;

    private static readonly sbyte[] s_digits = Digits(Alphabet, ignoreCase: false);

    public override int MaxByteCount => Multibase.MaxByteCount;

    public override int GetMaxTextLength(int byteCount) => (byteCount / 2 * 3) + 2;

    public override int GetMaxByteCount(int textLength) => (textLength / 3 * 2) + 1;

    public override string Encode(ReadOnlySpan<byte> bytes) =>
        string.Create((bytes.Length / 2 * 3) + (bytes.Length % 2 * 2), bytes, static (text, source) =>
        {
            while (!source.IsEmpty)
            {
                int taken = Math.Min(2, source.Length);
                int number = taken == 2 ? (source[0] << 8) | source[1] : source[0];

                for (int i = 0; i <= taken; i++, number /= Radix)
                {
                    text[i] = Alphabet[number % Radix];
                }

                source = source[taken..];
                text = text[(taken + 1)..];
            }
        });

    public override bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiformatError error)
    {
        if ((text.Length / 3 * 2) + (text.Length % 3 / 2) > Math.Min(destination.Length, MaxByteCount))
        {
            return Fail(0, TooManyBytes, out written, out error);
        }

        if (text.Length % 3 == 1)
        {
            return Fail(text.Length, BadLength, out written, out error);
        }

        written = 0;

        for (int start = 0; start < text.Length; start += 3)
        {
            int taken = Math.Min(3, text.Length - start);
            int number = 0;

            for (int i = taken - 1; i >= 0; i--)
            {
                int digit = text[start + i] < s_digits.Length ? s_digits[text[start + i]] : -1;

                if (digit < 0)
                {
                    return Fail(start + i, BadCharacter, out written, out error);
                }

                number = (number * Radix) + digit;
            }

            if (number >> (8 * (taken - 1)) != 0)
            {
                return Fail(start, LooseBits, out written, out error);
            }

            if (taken == 3)
            {
                destination[written++] = (byte)(number >> 8);
            }

            destination[written++] = (byte)number;
        }

        error = default;
        return true;
    }
}
