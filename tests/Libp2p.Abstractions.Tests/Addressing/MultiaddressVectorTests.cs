using System.Text;
using System.Text.Json;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Addressing;

public class MultiaddressVectorTests
{
    private const string File = "multiaddr/multiaddr.json";

    [Fact]
    public void Text_and_binary_agree_both_ways() => Assert.All(VectorFile.Rows(File, "text_binary"), static row =>
    {
        Multiaddress fromText = Multiaddress.Parse(row.Text("text"));
        Multiaddress fromBytes = Multiaddress.FromBytes(row.Hex("hex"));

        Assert.Equal(row.Text("hex"), Convert.ToHexStringLower(fromText.Bytes));
        Assert.Equal(row.Text("text"), fromBytes.ToString());
        Assert.Equal(fromText, fromBytes);
        Assert.Equal(fromText.GetHashCode(), fromBytes.GetHashCode());
    });

    [Fact]
    public void Reads_every_valid_text()
    {
        Dictionary<string, string> canonical = VectorFile.Rows(File, "canonical_text")
            .ToDictionary(static row => row.Text("text"), static row => row.Text("canonical"));

        // Its last character carries a bit that no byte holds; go reads over it, and prints the same as we do.
        const string Garlic = "/garlic32/566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzuqzwass";
        canonical.Add(Garlic + "w", Garlic + "u");

        Assert.All(VectorFile.Rows(File, "valid_text"), row =>
        {
            string text = row.GetString()!;
            Multiaddress address = Multiaddress.Parse(text);
            string printed = address.ToString();

            Assert.Equal(canonical.GetValueOrDefault(text) ?? Rewritten(text), printed);
            Assert.Equal(address, Multiaddress.Parse(printed));
            Assert.Equal(address, Multiaddress.FromBytes(address.Bytes));
            Assert.Equal(address, Multiaddress.Parse(Encoding.UTF8.GetBytes(text)));
        });
    }

    [Fact]
    public void Writes_the_canonical_text() => Assert.All(VectorFile.Rows(File, "canonical_text"), static row =>
        Assert.Equal(row.Text("canonical"), Multiaddress.Parse(row.Text("text")).ToString()));

    [Fact]
    public void Gives_the_same_bytes_as_js() => Assert.All(VectorFile.Rows(File, "valid_text_binary_by_js_multiaddr"), static row =>
        Assert.Equal(row.Text("hex"), Convert.ToHexStringLower(Multiaddress.Parse(row.Text("text")).Bytes)));

    [Theory]
    [InlineData("go_multiaddr")]
    [InlineData("rust_multiaddr")]
    public void Refuses_every_invalid_text(string source) =>
        Assert.All(VectorFile.Load(File).GetProperty("invalid_text").GetProperty(source).EnumerateArray(), static row =>
        {
            Assert.False(Multiaddress.TryParse(row.GetString(), out Multiaddress? none));
            Assert.Null(none);
            Assert.Throws<MultiformatException>(() => Multiaddress.Parse(row.GetString()!));
        });

    [Fact]
    public void Refuses_every_invalid_binary() => Assert.All(VectorFile.Rows(File, "invalid_binary"), static row =>
    {
        Assert.False(Multiaddress.TryFromBytes(row.Hex("hex"), out Multiaddress? none));
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => Multiaddress.FromBytes(row.Hex("hex")));
    });

    [Fact]
    public void Reads_odd_but_valid_binary() => Assert.All(VectorFile.Rows(File, "odd_but_valid_binary"), static row =>
    {
        Multiaddress address = Multiaddress.FromBytes(row.Hex("hex"));
        Assert.Equal(row.Hex("hex"), Multiaddress.Parse(address.ToString()).Bytes.ToArray());
    });

    [Fact]
    public void Shows_its_components()
    {
        JsonElement row = VectorFile.Load(File).GetProperty("components");
        Multiaddress address = Multiaddress.Parse(row.Text("text"));
        JsonElement expected = row.GetProperty("components");

        Assert.Equal(row.Hex("hex"), address.Bytes.ToArray());
        Assert.Equal(expected.GetArrayLength(), address.Count);

        for (int i = 0; i < address.Count; i++)
        {
            MultiaddressComponent component = address[i];
            Assert.Equal(expected[i].Text("text"), component.ToString());
            Assert.Equal(expected[i].Hex("hex"), component.Bytes.ToArray());
            Assert.Equal(expected[i].Text("protocol"), component.Protocol.Name);
            Assert.Equal(expected[i].GetProperty("code").GetInt32(), component.Code);
            Assert.Equal(expected[i].Text("value"), component.ValueText);
            Assert.Equal(expected[i].Hex("raw_value"), component.Value.ToArray());
        }
    }

    [Fact]
    public void Decapsulates() => Assert.All(VectorFile.Rows(File, "decapsulate"), static row =>
    {
        Multiaddress left = Multiaddress.Parse(row.Text("left")).Decapsulate(Multiaddress.Parse(row.Text("right")));
        Assert.Equal(row.Text("expected"), left.ToString());
        Assert.Equal(row.Text("expected").Length == 0, left.IsEmpty);
    });

    [Fact]
    public void Splits() => Assert.All(VectorFile.Rows(File, "split"), static row =>
    {
        Multiaddress address = Multiaddress.Parse(row.Text("address"));
        string[] parts = [.. row.GetProperty("components").EnumerateArray().Select(static part => part.GetString()!)];

        Assert.Equal(parts, address.Select(static component => component.ToString()));
        Assert.Equal(address, parts.Select(Multiaddress.Parse).Aggregate(static (outer, inner) => outer.Encapsulate(inner)));
    });

    [Fact]
    public void Finds_values() => Assert.All(VectorFile.Rows(File, "value_for_protocol"), static row =>
    {
        Multiaddress address = Multiaddress.Parse(row.Text("address"));

        foreach (JsonProperty value in row.GetProperty("values").EnumerateObject())
        {
            Assert.True(MultiaddressProtocol.TryGet(value.Name, out MultiaddressProtocol? protocol));
            Assert.True(address.TryGetValue(protocol, out MultiaddressComponent component));
            Assert.Equal(value.Value.GetString(), component.ValueText);
        }

        if (row.TryGetProperty("absent", out JsonElement absent))
        {
            foreach (JsonElement name in absent.EnumerateArray())
            {
                Assert.True(MultiaddressProtocol.TryGet(name.GetString(), out MultiaddressProtocol? protocol));
                Assert.False(address.TryGetValue(protocol.Code, out _));
            }
        }
    });

    [Fact]
    public void Appends_peers() => Assert.All(VectorFile.Rows(File, "with_p2p"), static row =>
    {
        Multiaddress address = row.Text("address").Length == 0 ? Multiaddress.Empty : Multiaddress.Parse(row.Text("address"));
        PeerId peer = PeerId.Parse(row.Text("peer"));

        Assert.Equal(row.GetProperty("ok").GetBoolean(), address.TryWithPeer(peer, out Multiaddress? result));
        Assert.Equal(row.Text("result"), (result ?? address).ToString());

        if (result is null)
        {
            Assert.Throws<InvalidOperationException>(() => address.WithPeer(peer));
        }
    });

    [Fact]
    public void The_protocol_table_is_the_registry()
    {
        const string Memory = "memory"; // the registry says V; go and rust use eight bytes, and so do we

        Assert.All(VectorFile.Rows("multiaddr/protocols.json", "rows"), static row =>
        {
            Assert.True(MultiaddressProtocol.TryGet(row.Text("name"), out MultiaddressProtocol? protocol));
            Assert.Equal(row.Text("code"), $"{protocol.Code}");
            Assert.Equal(row.Text("name") == "ipfs" ? "p2p" : row.Text("name"), protocol.Name);

            string size = protocol.Size == MultiaddressProtocol.VariableSize ? "V" : $"{protocol.Size * 8}";
            Assert.Equal(row.Text("name") == Memory ? "64" : row.Text("size"), size);
            Assert.True(MultiaddressProtocol.TryGet(protocol.Code, out MultiaddressProtocol? byCode));
            Assert.Same(protocol, byCode);
        });

        string[] beyond = ["thread", "shs", "silverpine", "plaintextv2", "scion"]; // from the multicodec table
        IEnumerable<string> registered = VectorFile.Rows("multiaddr/protocols.json", "rows").Select(static row => row.Text("name"));
        Assert.Equal(
            beyond.Concat(registered).Where(static name => name != "ipfs").Order(),
            MultiaddressProtocol.All.Select(static protocol => protocol.Name).Order());
    }

    /// <summary>Peer ids are printed in base58btc and certificate hashes in base64url, whatever they were read from.</summary>
    private static string Rewritten(string text)
    {
        string[] parts = text.Split('/');

        for (int i = 1; i < parts.Length - 1; i++)
        {
            if (parts[i] is "p2p" or "ipfs")
            {
                parts[i] = "p2p";
                parts[i + 1] = PeerId.Parse(parts[i + 1]).ToString();
            }
            else if (parts[i] == "certhash")
            {
                parts[i + 1] = Multibase.Encode(MultibaseEncoding.Base64Url, Multibase.Decode(parts[i + 1], out _));
            }
        }

        return string.Join('/', parts);
    }
}
