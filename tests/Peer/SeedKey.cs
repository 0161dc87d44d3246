using System.Buffers.Binary;
using Libp2p.Crypto;

namespace Libp2p.Peer;

/// <summary>The key that the gossipsub interop rule makes of a number: Ed25519, whose 32 secret bytes are the number, little-endian.</summary>
internal static class SeedKey
{
    // RFC 8410: PKCS #8 of an Ed25519 key, before the 32 secret bytes.
    private static readonly byte[] s_pkcs8 = Convert.FromHexString("302e020100300506032b657004220420");

    public static PrivateKey Of(long seed)
    {
        byte[] secret = new byte[32];
        BinaryPrimitives.WriteInt64LittleEndian(secret, seed);
        return PrivateKey.Import((byte[])[.. s_pkcs8, .. secret], CryptoEngine.Default);
    }
}
