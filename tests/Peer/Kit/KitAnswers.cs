using System.Text.Json;
using System.Text.Json.Nodes;

namespace Libp2p.Peer.Kit;

/// <summary>
/// Answers the requests of the kit: the pieces of libp2p that are plain functions, so that any implementation can be held against ours
/// line by line.
/// </summary>
internal static class KitAnswers
{
    private static readonly JsonDocumentOptions s_json = new() { MaxDepth = 8 };

    private static readonly Dictionary<string, Func<KitRequest, ValueTask<JsonObject>>> s_answers = new()
    {
        ["varint.decode"] = Plain(MultiformatAnswers.DecodeVarint),
        ["varint.encode"] = Plain(MultiformatAnswers.EncodeVarint),
        ["multibase.decode"] = Plain(MultiformatAnswers.DecodeMultibase),
        ["multibase.encode"] = Plain(MultiformatAnswers.EncodeMultibase),
        ["multihash.decode"] = Plain(MultiformatAnswers.DecodeMultihash),
        ["cid.parse"] = Plain(MultiformatAnswers.ParseCid),
        ["multiaddr.parse"] = Plain(MultiformatAnswers.ParseMultiaddress),
        ["multiaddr.decode"] = Plain(MultiformatAnswers.DecodeMultiaddress),
        ["peerid.parse"] = Plain(IdentityAnswers.ParsePeerId),
        ["key.private"] = Plain(IdentityAnswers.ReadPrivateKey),
        ["key.public"] = Plain(IdentityAnswers.ReadPublicKey),
        ["key.sign"] = Plain(IdentityAnswers.Sign),
        ["key.verify"] = Plain(IdentityAnswers.Verify),
        ["envelope.open"] = IdentityAnswers.OpenEnvelopeAsync,
        ["record.open"] = IdentityAnswers.OpenRecordAsync,
        ["crypto.x25519"] = Plain(CryptoAnswers.AgreeX25519),
        ["crypto.ed25519.verify"] = Plain(CryptoAnswers.VerifyEd25519),
        ["crypto.aead.seal"] = Plain(CryptoAnswers.Seal),
        ["crypto.aead.open"] = Plain(CryptoAnswers.Open),
    };

    /// <summary>Answers one line, whatever it holds.</summary>
    public static async ValueTask<JsonObject> AnswerAsync(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, s_json);
            KitRequest request = new(document.RootElement);

            if (!s_answers.TryGetValue(request.Text("do"), out Func<KitRequest, ValueTask<JsonObject>>? answer))
            {
                throw new KitException("\"do\" names nothing that the kit does");
            }

            JsonObject results = await answer(request);
            results.Insert(0, "ok", true);
            return results;
        }
        catch (JsonException)
        {
            return Refuse("not a line of JSON");
        }
        catch (Exception e)
        {
            return Refuse(e.Message); // whatever one line does, the next one is served
        }
    }

    public static JsonObject Refuse(string error) => new() { ["ok"] = false, ["error"] = error };

    private static Func<KitRequest, ValueTask<JsonObject>> Plain(Func<KitRequest, JsonObject> answer) =>
        request => new ValueTask<JsonObject>(answer(request));
}
