using System.Text.Json.Nodes;
using Libp2p.Crypto;

namespace Libp2p.Peer.Kit;

/// <summary>Peer ids, keys, envelopes and records.</summary>
internal static class IdentityAnswers
{
    private static readonly SignatureVerifier s_verifier = new(CryptoEngine.Default);

    public static JsonObject ParsePeerId(KitRequest request)
    {
        PeerId peer = request.Has("text") ? PeerId.Parse(request.Text("text")) : PeerId.FromBytes(request.Hex("hex"));
        return new()
        {
            ["text"] = peer.ToString(),
            ["cid"] = peer.ToCid().ToString(),
            ["hex"] = Convert.ToHexStringLower(peer.Bytes),
        };
    }

    public static JsonObject ReadPrivateKey(KitRequest request)
    {
        using PrivateKey key = PrivateKey.FromProtobuf(request.Hex("hex"), CryptoEngine.Default);
        return Describe(key.PublicKey);
    }

    public static JsonObject ReadPublicKey(KitRequest request)
    {
        PublicKey key = PublicKey.FromProtobuf(request.Hex("hex"));
        return SignatureVerifier.CanVerifyWith(key) ? Describe(key) : throw new KitException("no signature could be verified with this key");
    }

    public static JsonObject Sign(KitRequest request)
    {
        using PrivateKey key = PrivateKey.FromProtobuf(request.Hex("hex"), CryptoEngine.Default);
        return new() { ["signature"] = Convert.ToHexStringLower(key.Sign(request.Hex("data"))) };
    }

    public static JsonObject Verify(KitRequest request)
    {
        PublicKey key = PublicKey.FromProtobuf(request.Hex("hex"));
        return new() { ["valid"] = s_verifier.Verify(key, request.Hex("data"), request.Hex("signature")) };
    }

    public static async ValueTask<JsonObject> OpenEnvelopeAsync(KitRequest request)
    {
        SignedEnvelope envelope = await SignedEnvelope.OpenAsync(request.Hex("hex"), request.Text("domain"), s_verifier);
        return new()
        {
            ["peerId"] = envelope.PublicKey.PeerId.ToString(),
            ["payloadType"] = Convert.ToHexStringLower(envelope.PayloadType.Span),
            ["payload"] = Convert.ToHexStringLower(envelope.Payload.Span),
        };
    }

    public static async ValueTask<JsonObject> OpenRecordAsync(KitRequest request)
    {
        PeerRecord record = await PeerRecord.OpenAsync(SignedEnvelope.Parse(request.Hex("hex")), s_verifier);
        return new()
        {
            ["peerId"] = record.Peer.ToString(),
            ["seq"] = MultiformatAnswers.Text(record.Sequence),
            ["addresses"] = new JsonArray([.. record.Addresses.Select(address => (JsonNode)address.ToString())]),
        };
    }

    private static JsonObject Describe(PublicKey key) => new()
    {
        ["type"] = key.Type.ToString().ToLowerInvariant(),
        ["peerId"] = key.PeerId.ToString(),
        ["publicKey"] = Convert.ToHexStringLower(key.ToProtobuf().Span),
    };
}
