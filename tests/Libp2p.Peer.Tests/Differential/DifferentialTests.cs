using System.Text;
using System.Text.Json.Nodes;
using Libp2p.Peer.Tests.Kit;
using Libp2p.Tests;

namespace Libp2p.Peer.Tests.Differential;

/// <summary>
/// Our parsers against those of js-libp2p, over the vectors and damaged copies of them: both read the same things to the same results,
/// or the difference is one that we know of.
/// </summary>
[Trait("Category", "Interop")]
public sealed class DifferentialTests
{
    private const int Mutations = 3000;

    private static readonly JsonNode s_addresses = Vectors("multiaddr/multiaddr.json");
    private static readonly JsonNode s_peers = Vectors("peer-id/peer_ids.json");
    private static readonly JsonNode s_keys = Vectors("keys/keys.json");
    private static readonly JsonNode s_envelopes = Vectors("envelope/signed_envelopes.json");

    private static IEnumerable<string> AddressTexts =>
        Rows(s_addresses, "text_binary").Select(row => Text(row, "text"))
            .Concat(Rows(s_addresses, "valid_text").Select(row => row.GetValue<string>()))
            .Concat(s_addresses["invalid_text"]!.AsObject().SelectMany(source => source.Value!.AsArray()).Select(row => row!.GetValue<string>()));

    [JsFact]
    public Task Addresses_in_text() => CompareAsync(
        WithDamage(AddressTexts, text => Request("multiaddr.parse", "text", text)), KnownDisagreement.OfAddresses, bothRead: 200);

    [JsFact]
    public Task Addresses_in_bytes() => CompareAsync(
        WithDamage(
            AddressTexts.Where(text => Multiaddress.TryParse(text, out _)).Select(text => Multiaddress.Parse(text).Bytes.ToArray()),
            bytes => Request("multiaddr.decode", "hex", Hex(bytes))),
        KnownDisagreement.OfAddresses,
        bothRead: 500);

    [JsFact]
    public Task Peer_ids_in_text() => CompareAsync(
        WithDamage(
            Rows(s_peers, "valid").SelectMany(row => new[] { Text(row, "text"), Text(row, "cid_base36"), Text(row, "cid_base32") })
                .Concat(Rows(s_peers, "invalid").Select(row => Text(row, "text"))),
            text => Request("peerid.parse", "text", text)),
        KnownDisagreement.OfPeerIds,
        bothRead: 60);

    [JsFact]
    public Task Peer_ids_in_bytes() => CompareAsync(
        WithDamage(
            Rows(s_peers, "valid").Select(row => Bytes(row, "multihash_hex")), bytes => Request("peerid.parse", "hex", Hex(bytes))),
        KnownDisagreement.OfPeerIds,
        bothRead: 300);

    [JsFact]
    public Task Public_keys() => CompareAsync(
        WithDamage(
            Rows(s_keys, "spec_pairs").Concat(Rows(s_keys, "signatures")).Select(row => Bytes(row, "public_protobuf_hex"))
                .Concat(Rows(s_keys, "must_not_decode_public").Select(row => Bytes(row, "hex"))),
            bytes => Request("key.public", "hex", Hex(bytes))),
        KnownDisagreement.OfKeys,
        bothRead: 100);

    [JsFact]
    public Task Private_keys() => CompareAsync(
        WithDamage(
            Rows(s_keys, "spec_pairs").Concat(Rows(s_keys, "ed25519_private_forms")).Select(row => Bytes(row, "private_protobuf_hex")),
            bytes => Request("key.private", "hex", Hex(bytes))),
        KnownDisagreement.OfKeys,
        bothRead: 30);

    [JsFact]
    public Task Signatures() => CompareAsync(
        WithDamage(
            Rows(s_keys, "signatures").Where(row => Text(row, "type") != "ecdsa"),
            row => Verify(row, Bytes(row, "signature_hex")),
            (row, random) => Verify(row, TextMutations.Mutate(Bytes(row, "signature_hex"), random))),
        KnownDisagreement.OfKeys,
        bothRead: Mutations);

    [JsFact]
    public Task Envelopes() => CompareAsync(
        WithDamage(
            Rows(s_envelopes, "peer_records").Concat(Rows(s_envelopes, "generic")).Select(row => Bytes(row, "envelope_hex")),
            bytes => Request("envelope.open", "hex", Hex(bytes), "domain", "libp2p-peer-record")),
        KnownDisagreement.OfKeys,
        bothRead: 10);

    [JsFact]
    public Task Records() => CompareAsync(
        WithDamage(
            Rows(s_envelopes, "peer_records").Select(row => Bytes(row, "envelope_hex")), bytes => Request("record.open", "hex", Hex(bytes))),
        KnownDisagreement.OfKeys,
        bothRead: 10);

    private static async Task CompareAsync(IEnumerable<JsonObject> asked, IReadOnlyList<KnownDisagreement> known, int bothRead)
    {
        JsonObject[] requests = [.. asked];
        Task<IReadOnlyList<JsonObject>> js = JsKit.AskAllAsync(requests);
        JsonObject[] ours = await OurKit.AskAllAsync(Encoding.UTF8.GetBytes(string.Join('\n', requests.Select(request => request.ToJsonString()))));
        Comparison[] rows = [.. requests.Zip(ours, await js).Select(row => new Comparison(row.First, row.Second, row.Third))];
        Comparison[] unknown = [.. rows.Where(row => !row.Agree && !known.Any(disagreement => disagreement.Explains(row)))];

        Assert.True(unknown.Length == 0, $"{unknown.Length} unknown disagreements:\n{string.Join('\n', unknown.Take(20).Select(row => row.ToString()))}");
        Assert.InRange(rows.Count(row => row.BothRead && row.Agree), bothRead, rows.Length); // fewer, and the comparison says nothing
    }

    private static IEnumerable<JsonObject> WithDamage(IEnumerable<string> seeds, Func<string, JsonObject> ask) =>
        WithDamage(seeds, ask, (text, random) => ask(TextMutations.Mutate(text, random)));

    private static IEnumerable<JsonObject> WithDamage(IEnumerable<byte[]> seeds, Func<byte[], JsonObject> ask) =>
        WithDamage(seeds, ask, (bytes, random) => ask(TextMutations.Mutate(bytes, random)));

    private static IEnumerable<JsonObject> WithDamage<T>(IEnumerable<T> seeds, Func<T, JsonObject> ask, Func<T, Random, JsonObject> askDamaged)
    {
        T[] all = [.. seeds];
        Random random = new(17);
        return all.Select(ask).Concat(Enumerable.Range(0, Mutations).Select(_ => askDamaged(all[random.Next(all.Length)], random)));
    }

    private static JsonObject Verify(JsonNode row, byte[] signature) => Request(
        "key.verify",
        "hex",
        Text(row, "public_protobuf_hex"),
        "data",
        Hex(Encoding.UTF8.GetBytes(Text(row, "message_utf8"))),
        "signature",
        Hex(signature));

    private static JsonObject Request(string name, params ReadOnlySpan<string> arguments)
    {
        JsonObject request = new() { ["do"] = name };

        for (int i = 0; i < arguments.Length; i += 2)
        {
            request[arguments[i]] = arguments[i + 1];
        }

        return request;
    }

    private static JsonNode Vectors(string path) => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", path)))!;

    private static IEnumerable<JsonNode> Rows(JsonNode file, string rows) => file[rows]!.AsArray().Select(row => row!);

    private static string Text(JsonNode row, string name) => row[name]!.GetValue<string>();

    private static byte[] Bytes(JsonNode row, string name) => Convert.FromHexString(Text(row, name));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
