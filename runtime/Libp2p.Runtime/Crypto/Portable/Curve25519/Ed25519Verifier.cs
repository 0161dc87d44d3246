namespace Libp2p.Crypto.Portable;

/// <summary>Judges Ed25519 signatures as Go's <c>crypto/ed25519</c>; <see cref="CryptoEngine.VerifyEd25519"/> has the rule.</summary>
internal static class Ed25519Verifier
{
    private const int Half = 32;

    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        ReadOnlySpan<byte> r = signature[..Half];
        ReadOnlySpan<byte> s = signature[Half..];
        if (UInt256.ReadLittleEndian(s).IsBelowMask(Ed25519.Order.Modulus) == 0
            || !EdwardsPoint.TryRead(publicKey, out EdwardsPoint a))
        {
            return false;
        }

        Span<byte> k = stackalloc byte[Half];
        Ed25519.HashToScalar(r, publicKey, message).WriteLittleEndian(k);

        Span<byte> expected = stackalloc byte[Half];
        EdwardsVerification.Multiply(k, a.Negate(), s).Write(expected);
        return expected.SequenceEqual(r);
    }
}
