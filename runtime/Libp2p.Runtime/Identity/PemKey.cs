using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using Libp2p.Crypto;

namespace Libp2p;

/// <summary>Keys in PEM (RFC 7468): PKCS#8, and the older forms of OpenSSL.</summary>
internal static class PemKey
{
    public static PrivateKey Read(ReadOnlySpan<byte> text, CryptoEngine engine)
    {
        // Other blocks, such as the parameters of a curve, may stand before the key.
        while (PemEncoding.TryFindUtf8(text, out PemFields block))
        {
            ReadOnlySpan<byte> label = text[block.Label];

            if (label.EndsWith("PRIVATE KEY"u8))
            {
                return Read(label, text[block.Base64Data], block.DecodedDataLength, engine);
            }

            text = text[block.Location.End..];
        }

        PrivateKey.Refuse("the PEM text holds no private key");
        return null;
    }

    private static PrivateKey Read(ReadOnlySpan<byte> label, ReadOnlySpan<byte> base64, int length, CryptoEngine engine)
    {
        byte[] der = GC.AllocateArray<byte>(length, pinned: true);

        try
        {
            if (Base64.DecodeFromUtf8(base64, der, out _, out int written) != OperationStatus.Done || written != length)
            {
                PrivateKey.Refuse("no base64");
            }

            switch (label)
            {
                case var _ when label.SequenceEqual("PRIVATE KEY"u8):
                    return Pkcs8Key.Read(der, engine);
                case var _ when label.SequenceEqual("RSA PRIVATE KEY"u8):
                    return RsaPrivateKey.FromData(der);
                case var _ when label.SequenceEqual("EC PRIVATE KEY"u8):
                    return Pkcs8Key.ReadEllipticCurve(der, engine);
                default:
                    PrivateKey.Refuse("the private key is encrypted, or of an unknown kind");
                    return null;
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }
}
