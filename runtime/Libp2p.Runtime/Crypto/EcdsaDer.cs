namespace Libp2p.Crypto;

/// <summary>
/// ECDSA signatures of 256-bit curves between r ‖ s (32 bytes each, big-endian) and their one DER encoding (RFC 3279 §2.2.3):
/// <code>30 len  02 len r  02 len s</code> with minimal lengths and minimal, non-negative integers, and nothing behind.
/// </summary>
internal static class EcdsaDer
{
    /// <summary>The longest encoding: both integers with a leading zero.</summary>
    public const int MaxSize = 2 + (2 * (2 + 1 + Half));

    /// <summary>Bytes of r ‖ s.</summary>
    public const int FixedSize = 2 * Half;

    private const int Half = 32;
    private const byte Sequence = 0x30;
    private const byte Integer = 0x02;

    /// <summary>Reads DER and nothing but DER. Integers of up to 256 bits; whether they suit the curve is not judged here.</summary>
    public static bool TryRead(ReadOnlySpan<byte> der, Span<byte> signature)
    {
        // The content is at most 70 bytes, so the short form of the length is the only one.
        if (der.Length < 2 || der.Length > MaxSize || der[0] != Sequence || der[1] != der.Length - 2)
        {
            return false;
        }

        der = der[2..];
        return TryReadInteger(ref der, signature[..Half]) && TryReadInteger(ref der, signature[Half..]) && der.IsEmpty;
    }

    /// <summary>Writes the encoding and returns its length, at most <see cref="MaxSize"/>.</summary>
    public static int Write(ReadOnlySpan<byte> signature, Span<byte> der)
    {
        int length = 2;
        length += WriteInteger(signature[..Half], der[length..]);
        length += WriteInteger(signature[Half..], der[length..]);
        der[0] = Sequence;
        der[1] = (byte)(length - 2);
        return length;
    }

    private static bool TryReadInteger(ref ReadOnlySpan<byte> der, Span<byte> value)
    {
        if (der.Length < 3 || der[0] != Integer || der[1] == 0 || der[1] > der.Length - 2)
        {
            return false;
        }

        ReadOnlySpan<byte> integer = der.Slice(2, der[1]);
        der = der[(2 + integer.Length)..];
        bool negative = integer[0] >= 0x80;
        bool padded = integer.Length > 1 && integer[0] == 0;
        if (negative || (padded && integer[1] < 0x80))
        {
            return false;
        }

        integer = padded ? integer[1..] : integer;
        if (integer.Length > Half)
        {
            return false;
        }

        value.Clear();
        integer.CopyTo(value[(Half - integer.Length)..]);
        return true;
    }

    private static int WriteInteger(ReadOnlySpan<byte> value, Span<byte> der)
    {
        value = value.TrimStart((byte)0);
        int padding = value.IsEmpty || value[0] >= 0x80 ? 1 : 0;
        der[0] = Integer;
        der[1] = (byte)(padding + value.Length);
        der[2] = 0;
        value.CopyTo(der[(2 + padding)..]);
        return 2 + padding + value.Length;
    }
}
