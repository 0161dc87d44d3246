using System.Text.Json.Nodes;
using Libp2p.Crypto;

namespace Libp2p.Peer.Kit;

/// <summary>The primitives, by the engine that is asked for.</summary>
internal static class CryptoAnswers
{
    public static JsonObject AgreeX25519(KitRequest request)
    {
        byte[] shared = new byte[CryptoEngine.X25519Size];

        return request.Engine.TryAgreeX25519(request.Hex("scalar"), request.Hex("point"), shared)
            ? new() { ["shared"] = Convert.ToHexStringLower(shared) }
            : throw new KitException("the point has not 32 bytes or is of small order: nothing is shared");
    }

    public static JsonObject VerifyEd25519(KitRequest request) => new()
    {
        ["valid"] = request.Engine.VerifyEd25519(request.Hex("publicKey"), request.Hex("data"), request.Hex("signature")),
    };

    /// <summary>Ciphertext and tag.</summary>
    public static JsonObject Seal(KitRequest request)
    {
        using Aead aead = request.Engine.CreateChaCha20Poly1305(request.Hex("key"));
        byte[] plaintext = request.Hex("data");
        byte[] result = new byte[plaintext.Length + Aead.TagSize];
        aead.Seal(request.Hex("nonce"), plaintext, result.AsSpan(0, plaintext.Length), result.AsSpan(plaintext.Length), request.Hex("ad"));
        return new() { ["data"] = Convert.ToHexStringLower(result) };
    }

    public static JsonObject Open(KitRequest request)
    {
        using Aead aead = request.Engine.CreateChaCha20Poly1305(request.Hex("key"));
        byte[] data = request.Hex("data");

        if (data.Length < Aead.TagSize)
        {
            throw new KitException("\"data\" has no room for a tag");
        }

        int length = data.Length - Aead.TagSize;
        byte[] plaintext = new byte[length];

        return aead.Open(request.Hex("nonce"), data.AsSpan(0, length), data.AsSpan(length), plaintext, request.Hex("ad"))
            ? new() { ["data"] = Convert.ToHexStringLower(plaintext) }
            : throw new KitException("the tag is not that of key, nonce, ad and data");
    }
}
