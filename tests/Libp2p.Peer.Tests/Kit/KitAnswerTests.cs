using System.Text.Json.Nodes;
using Libp2p.Crypto;

namespace Libp2p.Peer.Tests.Kit;

/// <summary>What each request is answered with.</summary>
public sealed class KitAnswerTests
{
    private const string PrivateKey =
        "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

    private const string PublicKey = "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private const string Peer = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    // RFC 8439, section 2.8.2; RFC 7748, section 5.2; RFC 8032, section 7.1, test 2.
    private const string AeadArguments =
        "\"key\":\"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f\",\"nonce\":\"070000004041424344454647\",\"ad\":\"50515253c0c1c2c3c4c5c6c7\"";

    private const string Ed25519Arguments =
        "\"publicKey\":\"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c\",\"signature\":\"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00\"";

    [Theory]
    [InlineData("""{"do":"varint.decode","hex":"ac0299"}""", """{"ok":true,"value":"300","length":2}""")]
    [InlineData("""{"do":"varint.decode","hex":"ffffffffffffffff7f"}""", """{"ok":true,"value":"9223372036854775807","length":9}""")]
    [InlineData("""{"do":"varint.encode","value":"300"}""", """{"ok":true,"hex":"ac02"}""")]
    [InlineData("""{"do":"varint.encode","value":300}""", """{"ok":true,"hex":"ac02"}""")]
    [InlineData("""{"do":"multibase.decode","text":"zUXE7GvtEk8XTXs1GF8HSGbVA9FCX9SEBPe"}""", """{"ok":true,"hex":"446563656e7472616c697a652065766572797468696e672121","base":"base58btc"}""")]
    [InlineData("""{"do":"multibase.encode","hex":"00ff","base":"base64urlpad"}""", """{"ok":true,"text":"UAP8="}""")]
    [InlineData("""{"do":"multihash.decode","hex":"1202abcd"}""", """{"ok":true,"code":18,"digest":"abcd"}""")]
    [InlineData("""{"do":"multihash.decode","hex":"ffffffffffffffff7f00"}""", """{"ok":true,"code":"9223372036854775807","digest":""}""")]
    [InlineData("""{"do":"cid.parse","text":"BAFKREIE5QRJVAW64N4TJM6HBNM7FNQVCSSFED4WHSJQXZSLBD3JWHSK3MM"}""", """{"ok":true,"version":1,"codec":85,"multihash":"12209d8453505bdc6f269678e16b3e56c2a2948a41f2c792617cc9611ed363c95b63","text":"bafkreie5qrjvaw64n4tjm6hbnm7fnqvcssfed4whsjqxzslbd3jwhsk3mm"}""")]
    [InlineData("""{"do":"multiaddr.parse","text":"/ip6/0:0:0::1/udp/1/quic-v1/"}""", """{"ok":true,"text":"/ip6/::1/udp/1/quic-v1","hex":"290000000000000000000000000000000191020001cd03"}""")]
    [InlineData("""{"do":"multiaddr.decode","hex":"047f000001060FA1"}""", """{"ok":true,"text":"/ip4/127.0.0.1/tcp/4001"}""")]
    [InlineData("""{"do":"key.public","hex":"080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"}""", $$"""{"ok":true,"type":"ed25519","peerId":"{{Peer}}","publicKey":"{{PublicKey}}"}""")]
    [InlineData($$"""{"do":"key.private","hex":"{{PrivateKey}}"}""", $$"""{"ok":true,"type":"ed25519","peerId":"{{Peer}}","publicKey":"{{PublicKey}}"}""")]
    [InlineData($$"""{"do":"peerid.parse","text":"bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6"}""", $$"""{"ok":true,"text":"{{Peer}}","cid":"bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6","hex":"0024{{PublicKey}}"}""")]
    [InlineData($$"""{"do":"peerid.parse","hex":"0024{{PublicKey}}"}""", $$"""{"ok":true,"text":"{{Peer}}","cid":"bafzaajaiaejcahwr5d5ofrfbis4l5d6uwr57hu5tjodrypfm6yaq6dsc2r2pzyt6","hex":"0024{{PublicKey}}"}""")]
    [InlineData("""{"do":"crypto.x25519","scalar":"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4","point":"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"}""", """{"ok":true,"shared":"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"}""")]
    [InlineData($$"""{"do":"crypto.ed25519.verify",{{Ed25519Arguments}},"data":"72"}""", """{"ok":true,"valid":true}""")]
    [InlineData($$"""{"do":"crypto.ed25519.verify",{{Ed25519Arguments}},"data":"73"}""", """{"ok":true,"valid":false}""")]
    [InlineData($$"""{"do":"crypto.aead.seal",{{AeadArguments}},"data":"4c6164696573"}""", """{"ok":true,"data":"d31a8d34648e"}""")]
    public async Task Is_exactly_this(string request, string answer)
    {
        JsonObject actual = await OurKit.AskAsync(request);

        if (request.Contains("aead", StringComparison.Ordinal))
        {
            actual["data"] = actual["data"]!.GetValue<string>()[..12]; // the tag is checked by opening
        }

        Assert.Equal(answer, actual.ToJsonString());
    }

    [Theory]
    [InlineData("platform")]
    [InlineData("libsodium")]
    [InlineData("portable")]
    public async Task Engines_can_be_chosen(string engine)
    {
        bool isHere = engine != "libsodium" || CryptoEngine.TryGetLibsodium(out _);
        JsonObject box = await OurKit.AskAsync($$"""{"do":"crypto.aead.seal","engine":"{{engine}}",{{AeadArguments}},"data":"4c61"}""");
        Assert.Equal(isHere, box["ok"]!.GetValue<bool>());

        if (isHere)
        {
            JsonObject opened = await OurKit.AskAsync($$"""{"do":"crypto.aead.open","engine":"{{engine}}",{{AeadArguments}},"data":"{{box["data"]}}"}""");
            Assert.Equal("""{"ok":true,"data":"4c61"}""", opened.ToJsonString());
        }
    }

    [Fact]
    public async Task What_was_signed_is_verified()
    {
        JsonObject signed = await OurKit.AskAsync($$"""{"do":"key.sign","hex":"{{PrivateKey}}","data":"00"}""");
        string signature = signed["signature"]!.GetValue<string>();

        foreach ((string data, bool valid) in (IEnumerable<(string, bool)>)[("00", true), ("01", false)])
        {
            JsonObject verified = await OurKit.AskAsync($$"""{"do":"key.verify","hex":"{{PublicKey}}","data":"{{data}}","signature":"{{signature}}"}""");
            Assert.Equal(valid, verified["valid"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task Envelopes_and_records_are_opened()
    {
        JsonNode vector = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", "envelope", "signed_envelopes.json")))!["peer_records"]![0]!;
        string hex = vector["envelope_hex"]!.GetValue<string>();

        JsonObject envelope = await OurKit.AskAsync($$"""{"do":"envelope.open","hex":"{{hex}}","domain":"libp2p-peer-record"}""");
        Assert.Equal(["ok", "peerId", "payloadType", "payload"], envelope.Select(field => field.Key));
        Assert.Equal(Peer, envelope["peerId"]!.GetValue<string>());
        Assert.Equal("0301", envelope["payloadType"]!.GetValue<string>());
        Assert.Equal(vector["record_hex"]!.GetValue<string>(), envelope["payload"]!.GetValue<string>());

        JsonObject record = await OurKit.AskAsync($$"""{"do":"record.open","hex":"{{hex}}"}""");
        Assert.Equal(["ok", "peerId", "seq", "addresses"], record.Select(field => field.Key));
        Assert.Equal(vector["seq"]!.ToString(), record["seq"]!.GetValue<string>());
        Assert.Equal(vector["addresses"]!.ToJsonString(), record["addresses"]!.ToJsonString());

        Assert.False((await OurKit.AskAsync($$"""{"do":"envelope.open","hex":"{{hex}}","domain":"another"}"""))["ok"]!.GetValue<bool>());
    }
}
