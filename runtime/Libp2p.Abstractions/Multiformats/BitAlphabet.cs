namespace Libp2p.Multiformats;

/// <summary>
/// Bases whose radix is a power of two: bits are cut into characters from the most significant end, and the last character is
/// filled with zeros (RFC 4648). Strict: the filling must be zero and the padding exact, so bytes have one text per letter case.
/// Only <paramref name="looseEnd"/> forgives a filling that is not zero.
/// </summary>
internal sealed class BitAlphabet(string alphabet, int bitsPerCharacter, bool padded, bool ignoreCase, bool looseEnd = false)
    : BaseAlphabet
{
    private readonly sbyte[] _digits = Digits(alphabet, ignoreCase);

    // Characters after which bits and bytes line up again: 2 for hexadecimal, 8 for base32, 4 for base64.
    private readonly int _charactersPerGroup = bitsPerCharacter switch { 1 or 3 => 8, 4 => 2, 5 => 8, _ => 4 };

    public override int MaxByteCount => Multibase.MaxByteCount;

    public override int GetMaxTextLength(int byteCount) => (byteCount * 8 / bitsPerCharacter) + _charactersPerGroup;

    public override int GetMaxByteCount(int textLength) => textLength * bitsPerCharacter / 8;

    public override string Encode(ReadOnlySpan<byte> bytes)
    {
        int length = ((bytes.Length * 8) + bitsPerCharacter - 1) / bitsPerCharacter;
        int paddedLength = padded ? (length + _charactersPerGroup - 1) / _charactersPerGroup * _charactersPerGroup : length;

        return string.Create(paddedLength, bytes, (text, source) =>
        {
            uint pending = 0;
            int pendingBits = 0;
            int at = 0;

            foreach (byte value in source)
            {
                pending = (pending << 8) | value;
                pendingBits += 8;

                while (pendingBits >= bitsPerCharacter)
                {
                    pendingBits -= bitsPerCharacter;
                    text[at++] = alphabet[(int)(pending >> pendingBits) & ((1 << bitsPerCharacter) - 1)];
                }
            }

            if (pendingBits > 0)
            {
                text[at++] = alphabet[(int)(pending << (bitsPerCharacter - pendingBits)) & ((1 << bitsPerCharacter) - 1)];
            }

            text[at..].Fill('=');
        });
    }

    public override bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiformatError error)
    {
        ReadOnlySpan<char> body = padded ? text.TrimEnd('=') : text;
        int expected = padded ? (body.Length + _charactersPerGroup - 1) / _charactersPerGroup * _charactersPerGroup : body.Length;

        if (GetMaxByteCount(body.Length) > Math.Min(destination.Length, MaxByteCount))
        {
            return Fail(0, TooManyBytes, out written, out error);
        }

        if (text.Length != expected)
        {
            return Fail(body.Length, BadPadding, out written, out error);
        }

        uint pending = 0;
        int pendingBits = 0;
        written = 0;

        for (int i = 0; i < body.Length; i++)
        {
            int digit = body[i] < _digits.Length ? _digits[body[i]] : -1;

            if (digit < 0)
            {
                return Fail(i, BadCharacter, out written, out error);
            }

            pending = (pending << bitsPerCharacter) | (uint)digit;
            pendingBits += bitsPerCharacter;

            if (pendingBits >= 8)
            {
                pendingBits -= 8;
                destination[written++] = (byte)(pending >> pendingBits);
            }
        }

        if (pendingBits >= bitsPerCharacter)
        {
            return Fail(body.Length, BadLength, out written, out error);
        }

        if (!looseEnd && (pending & ((1u << pendingBits) - 1)) != 0)
        {
            return Fail(body.Length - 1, LooseBits, out written, out error);
        }

        error = default;
        return true;
    }
}
