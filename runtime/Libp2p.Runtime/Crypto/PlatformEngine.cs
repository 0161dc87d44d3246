using System.Security.Cryptography;

namespace Libp2p.Crypto;

/// <summary>What <c>System.Security.Cryptography</c> has of the seam: the AEAD, where the operating system's library offers it.</summary>
internal sealed class PlatformEngine : CryptoEngine
{
    public override string Name => "platform";

    public override string ServedBy(CryptoPrimitive primitive) =>
        primitive == CryptoPrimitive.ChaCha20Poly1305 && ChaCha20Poly1305.IsSupported
            ? "System.Security.Cryptography"
            : base.ServedBy(primitive);

    protected override Aead CreateChaCha20Poly1305Core(ReadOnlySpan<byte> key) =>
        ChaCha20Poly1305.IsSupported ? new PlatformAead(key) : base.CreateChaCha20Poly1305Core(key);
}
