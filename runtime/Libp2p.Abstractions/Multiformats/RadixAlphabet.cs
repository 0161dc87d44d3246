using System.Buffers.Binary;

namespace Libp2p.Multiformats;

/// <summary>
/// Bases whose radix is no power of two (10, 36, 58): the bytes are one big number, most significant first, and each leading zero
/// byte is a leading zero digit. The work grows with the square of the length, hence the small <see cref="MaxByteCount"/>; the
/// number is kept in 32-bit words and moved several digits at a time.
/// </summary>
internal sealed class RadixAlphabet : BaseAlphabet
{
    private const int StackWords = 64;

    private readonly string _alphabet;
    private readonly sbyte[] _digits;
    private readonly uint _radix;
    private readonly int _groupDigits; // as many digits as a 32-bit word always holds
    private readonly uint _groupRadix; // radix to the power of _groupDigits

    public RadixAlphabet(string alphabet, bool ignoreCase)
    {
        _alphabet = alphabet;
        _digits = Digits(alphabet, ignoreCase);
        _radix = (uint)alphabet.Length;
        _groupRadix = _radix;

        for (_groupDigits = 1; (ulong)_groupRadix * _radix <= uint.MaxValue; _groupDigits++)
        {
            _groupRadix *= _radix;
        }
    }

    public override int MaxByteCount => Multibase.MaxRadixByteCount;

    // log(256) / log(radix) is below 2.41 for 10, 1.55 for 36 and 1.37 for 58.
    public override int GetMaxTextLength(int byteCount) => (byteCount * (_radix < 36 ? 241 : _radix < 58 ? 155 : 137) / 100) + 1;

    public override int GetMaxByteCount(int textLength) => textLength; // reached by a text of zeros

    public override string Encode(ReadOnlySpan<byte> bytes)
    {
        int zeros = LeadingZeros(bytes);
        ReadOnlySpan<byte> number = bytes[zeros..];
        int wordCount = (number.Length + 3) / 4;
        Span<uint> words = wordCount <= StackWords ? stackalloc uint[StackWords] : new uint[wordCount];
        words = words[..wordCount];
        ReadWords(number, words);

        int capacity = zeros + GetMaxTextLength(number.Length) + _groupDigits;
        Span<char> text = capacity <= 512 ? stackalloc char[512] : new char[capacity];
        text = text[..capacity];
        int at = capacity;

        while (!words.IsEmpty)
        {
            uint group = Divide(words, _groupRadix);
            words = words.TrimStart(0u);

            // The most significant group is written without its leading zeros; every other one in full.
            for (int i = 0; i < _groupDigits && (!words.IsEmpty || group != 0); i++)
            {
                text[--at] = _alphabet[(int)(group % _radix)];
                group /= _radix;
            }
        }

        text.Slice(at - zeros, zeros).Fill(_alphabet[0]);
        return text[(at - zeros)..].ToString();
    }

    public override bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiformatError error)
    {
        int limit = Math.Min(destination.Length, MaxByteCount);
        int zeros = text.IndexOfAnyExcept(_alphabet[0]);
        zeros = zeros < 0 ? text.Length : zeros;

        if (zeros > limit || text.Length - zeros > GetMaxTextLength(limit))
        {
            return Fail(0, TooManyBytes, out written, out error);
        }

        int capacity = (limit + 3) / 4 + 1;
        Span<uint> words = capacity <= StackWords ? stackalloc uint[StackWords] : new uint[capacity];
        words = words[..capacity];
        int used = 0; // words in use, least significant first

        for (int i = zeros; i < text.Length;)
        {
            uint group = 0;
            uint scale = 1;

            for (int end = Math.Min(text.Length, i + _groupDigits); i < end; i++)
            {
                int digit = text[i] < _digits.Length ? _digits[text[i]] : -1;

                if (digit < 0)
                {
                    return Fail(i, BadCharacter, out written, out error);
                }

                group = (group * _radix) + (uint)digit;
                scale *= _radix;
            }

            if (!MultiplyAdd(words, ref used, scale, group))
            {
                return Fail(0, TooManyBytes, out written, out error);
            }
        }

        int byteCount = used == 0 ? 0 : (used * 4) - (System.Numerics.BitOperations.LeadingZeroCount(words[used - 1]) / 8);

        if (zeros + byteCount > limit)
        {
            return Fail(0, TooManyBytes, out written, out error);
        }

        destination[..zeros].Clear();

        for (int i = 0; i < byteCount; i++)
        {
            destination[zeros + byteCount - 1 - i] = (byte)(words[i / 4] >> (8 * (i % 4)));
        }

        written = zeros + byteCount;
        error = default;
        return true;
    }

    private static int LeadingZeros(ReadOnlySpan<byte> bytes)
    {
        int first = bytes.IndexOfAnyExcept((byte)0);
        return first < 0 ? bytes.Length : first;
    }

    /// <summary>Big-endian bytes to big-endian words.</summary>
    private static void ReadWords(ReadOnlySpan<byte> number, Span<uint> words)
    {
        for (int i = words.Length - 1, end = number.Length; i >= 0; i--, end -= 4)
        {
            if (end >= 4)
            {
                words[i] = BinaryPrimitives.ReadUInt32BigEndian(number[(end - 4)..]);
                continue;
            }

            words[i] = 0;

            foreach (byte value in number[..end])
            {
                words[i] = (words[i] << 8) | value;
            }
        }
    }

    /// <summary>Divides the number (most significant word first) in place, and gives the remainder.</summary>
    private static uint Divide(Span<uint> words, uint divisor)
    {
        ulong remainder = 0;

        for (int i = 0; i < words.Length; i++)
        {
            ulong dividend = (remainder << 32) | words[i];
            words[i] = (uint)(dividend / divisor);
            remainder = dividend % divisor;
        }

        return (uint)remainder;
    }

    /// <summary>number * factor + addend (least significant word first); false when it outgrows the words.</summary>
    private static bool MultiplyAdd(Span<uint> words, ref int used, uint factor, uint addend)
    {
        ulong carry = addend;

        for (int i = 0; i < used; i++)
        {
            carry += (ulong)words[i] * factor;
            words[i] = (uint)carry;
            carry >>= 32;
        }

        if (carry == 0)
        {
            return true;
        }

        if (used == words.Length)
        {
            return false;
        }

        words[used++] = (uint)carry;
        return true;
    }
}
