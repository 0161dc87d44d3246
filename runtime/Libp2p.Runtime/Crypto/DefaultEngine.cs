using Libp2p.Crypto.Libsodium;

namespace Libp2p.Crypto;

/// <summary>For each primitive the engine that serves it best here.</summary>
internal sealed class DefaultEngine : CryptoEngine
{
    private readonly CryptoEngine _aead = Platform;
    private readonly CryptoEngine _curve25519 = LibsodiumEngine.Instance ?? Portable;

    public override string Name => "default";

    public override string ServedBy(CryptoPrimitive primitive) => primitive switch
    {
        CryptoPrimitive.ChaCha20Poly1305 => _aead.ServedBy(primitive),
        _ => _curve25519.ServedBy(primitive),
    };

    protected override Aead CreateChaCha20Poly1305Core(ReadOnlySpan<byte> key) => _aead.CreateChaCha20Poly1305(key);

    protected override void DeriveX25519PublicKeyCore(ReadOnlySpan<byte> privateKey, Span<byte> publicKey) =>
        _curve25519.DeriveX25519PublicKey(privateKey, publicKey);

    protected override bool TryAgreeX25519Core(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> publicKey, Span<byte> sharedSecret) =>
        _curve25519.TryAgreeX25519(privateKey, publicKey, sharedSecret);

    protected override void DeriveEd25519PublicKeyCore(ReadOnlySpan<byte> seed, Span<byte> publicKey) =>
        _curve25519.DeriveEd25519PublicKey(seed, publicKey);

    protected override Ed25519SigningKey CreateEd25519SigningKeyCore(ReadOnlySpan<byte> seed) => _curve25519.CreateEd25519SigningKey(seed);
}
