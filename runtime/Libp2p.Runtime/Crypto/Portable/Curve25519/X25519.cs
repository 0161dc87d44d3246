using System.Runtime.CompilerServices;

namespace Libp2p.Crypto.Portable;

/// <summary>X25519 (RFC 7748 §5): the Montgomery ladder, every step the same work.</summary>
internal static class X25519
{
    private const int Size = 32;

    public static void DerivePublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        Span<byte> scalar = stackalloc byte[Size];
        Clamp(privateKey, scalar);

        // The same point on the Edwards curve, where a table makes it three times as fast: u = (Z + Y) / (Z − Y).
        EdwardsPoint point = EdwardsBase.Multiply(scalar);
        point.WriteMontgomeryU(publicKey);
        Secret.Wipe(ref point);
        Secret.Wipe(scalar);
    }

    public static bool TryAgree(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret)
    {
        Span<byte> scalar = stackalloc byte[Size];
        Clamp(privateKey, scalar);
        Ladder(scalar, Field25519.Read(publicKey), sharedSecret);
        Secret.Wipe(scalar);

        byte any = 0;
        foreach (byte b in sharedSecret)
        {
            any |= b;
        }

        return any != 0;
    }

    private static void Clamp(ReadOnlySpan<byte> privateKey, Span<byte> scalar)
    {
        privateKey.CopyTo(scalar);
        scalar[0] &= 0xF8;
        scalar[31] = (byte)((scalar[31] & 0x7F) | 0x40);
    }

    [SkipLocalsInit]
    private static void Ladder(ReadOnlySpan<byte> scalar, in Field25519 u, Span<byte> result)
    {
        Field25519 x2 = Field25519.One;
        Field25519 z2 = Field25519.Zero;
        Field25519 x3 = u;
        Field25519 z3 = Field25519.One;
        ulong previous = 0;

        for (int bit = 254; bit >= 0; bit--)
        {
            ulong current = 0 - ((ulong)(scalar[bit >> 3] >> (bit & 7)) & 1);
            Field25519.Swap(ref x2, ref x3, previous ^ current);
            Field25519.Swap(ref z2, ref z3, previous ^ current);
            previous = current;

            Field25519 a = x2 + z2;
            Field25519 b = x2 - z2;
            Field25519 da = (x3 - z3) * a;
            Field25519 cb = (x3 + z3) * b;
            Field25519 aa = a.Square();
            Field25519 bb = b.Square();
            Field25519 e = aa - bb;

            x3 = (da + cb).Square();
            z3 = (da - cb).Square() * u;
            x2 = aa * bb;
            z2 = e * (bb + e.MultiplyBy121666()); // a24 = 121665 with AA is 121666 with BB
        }

        Field25519.Swap(ref x2, ref x3, previous);
        Field25519.Swap(ref z2, ref z3, previous);
        (x2 * z2.Invert()).Write(result);
        Secret.Wipe(ref x2);
        Secret.Wipe(ref z2);
        Secret.Wipe(ref x3);
        Secret.Wipe(ref z3);
    }
}
