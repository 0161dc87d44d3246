using System.Globalization;
using System.Text.Json.Nodes;
using Libp2p.Multiformats;

namespace Libp2p.Peer.Kit;

/// <summary>Numbers, texts and addresses.</summary>
internal static class MultiformatAnswers
{
    private const ulong MaxJsonNumber = 1UL << 53;

    /// <summary>The names of the multibase registry are the enumeration's, in lower case.</summary>
    private static readonly Dictionary<string, MultibaseEncoding> s_bases = Enum.GetValues<MultibaseEncoding>()
        .Where(encoding => encoding != MultibaseEncoding.None)
        .ToDictionary(NameOf);

    public static JsonObject DecodeVarint(KitRequest request)
    {
        ulong value = Varint.Read(request.Hex("hex"), out int length);
        return new() { ["value"] = Text(value), ["length"] = length };
    }

    public static JsonObject EncodeVarint(KitRequest request)
    {
        ulong value = request.Number("value");

        if (value > Varint.MaxValue)
        {
            throw new KitException("a varint has at most 63 bits");
        }

        Span<byte> bytes = stackalloc byte[Varint.MaxLength];
        return new() { ["hex"] = Convert.ToHexStringLower(bytes[..Varint.Write(bytes, value)]) };
    }

    public static JsonObject DecodeMultibase(KitRequest request)
    {
        byte[] bytes = Multibase.Decode(request.Text("text"), out MultibaseEncoding encoding);
        return new() { ["hex"] = Convert.ToHexStringLower(bytes), ["base"] = NameOf(encoding) };
    }

    public static JsonObject EncodeMultibase(KitRequest request) =>
        s_bases.TryGetValue(request.Text("base"), out MultibaseEncoding encoding)
            ? new() { ["text"] = Multibase.Encode(encoding, request.Hex("hex")) }
            : throw new KitException("\"base\" is no base of the registry that we know");

    public static JsonObject DecodeMultihash(KitRequest request)
    {
        Multihash hash = Multihash.FromBytes(request.Hex("hex"));
        return new() { ["code"] = Code(hash.Code), ["digest"] = Convert.ToHexStringLower(hash.Digest) };
    }

    public static JsonObject ParseCid(KitRequest request)
    {
        Cid cid = Cid.Parse(request.Text("text"));
        return new()
        {
            ["version"] = cid.Version,
            ["codec"] = Code(cid.Codec),
            ["multihash"] = Convert.ToHexStringLower(cid.Hash.Bytes),
            ["text"] = cid.ToString(),
        };
    }

    public static JsonObject ParseMultiaddress(KitRequest request)
    {
        Multiaddress address = Multiaddress.Parse(request.Text("text"));
        return new() { ["text"] = address.ToString(), ["hex"] = Convert.ToHexStringLower(address.Bytes) };
    }

    public static JsonObject DecodeMultiaddress(KitRequest request) =>
        new() { ["text"] = Multiaddress.FromBytes(request.Hex("hex")).ToString() };

    /// <summary>A number that may be greater than those of JSON.</summary>
    public static string Text(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A code of the multicodec table, whose numbers are small; what is beyond JSON is text.</summary>
    private static JsonValue Code(ulong code) => code < MaxJsonNumber ? JsonValue.Create(code) : JsonValue.Create(Text(code));

    private static string NameOf(MultibaseEncoding encoding) => encoding.ToString().ToLowerInvariant();
}
