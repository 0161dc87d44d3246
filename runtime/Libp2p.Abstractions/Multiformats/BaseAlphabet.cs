namespace Libp2p.Multiformats;

/// <summary>One way to write bytes as text. Implementations hold tables only, and bound what they read and write.</summary>
internal abstract class BaseAlphabet
{
    protected const string BadCharacter = "a character is not in the alphabet of its base";
    protected const string BadLength = "no bytes have a text of this length";
    protected const string TooManyBytes = "the text stands for more bytes than allowed here";
    protected const string BadPadding = "the padding is wrong";
    protected const string LooseBits = "the last character carries bits that no encoder sets";

    /// <summary>The longest byte string this base writes or reads.</summary>
    public abstract int MaxByteCount { get; }

    /// <summary>An upper bound of the text's length for so many bytes.</summary>
    public abstract int GetMaxTextLength(int byteCount);

    /// <summary>An upper bound of the number of bytes for a text of this length.</summary>
    public abstract int GetMaxByteCount(int textLength);

    /// <summary>Writes the bytes as text, without a multibase prefix.</summary>
    public abstract string Encode(ReadOnlySpan<byte> bytes);

    /// <summary>Reads a text without a multibase prefix; any text gives bytes or an error.</summary>
    public abstract bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiformatError error);

    protected static bool Fail(int position, string reason, out int written, out MultiformatError error)
    {
        written = 0;
        error = new MultiformatError(position, reason);
        return false;
    }

    /// <summary>Character to digit, for ASCII alphabets; -1 where there is none.</summary>
    protected static sbyte[] Digits(string alphabet, bool ignoreCase)
    {
        sbyte[] digits = new sbyte[128];
        Array.Fill(digits, (sbyte)-1);

        for (int i = 0; i < alphabet.Length; i++)
        {
            digits[alphabet[i]] = (sbyte)i;

            if (ignoreCase)
            {
                digits[char.ToLowerInvariant(alphabet[i])] = (sbyte)i;
                digits[char.ToUpperInvariant(alphabet[i])] = (sbyte)i;
            }
        }

        return digits;
    }
}
