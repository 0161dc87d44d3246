using System.Text.Json;
using System.Text.Json.Serialization;

namespace Libp2p.Tests.Json;

public sealed partial class TextJsonConverterTests
{
    private const string Peer = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

    [Fact]
    public void Identifiers_are_their_texts()
    {
        Contact contact = new(PeerId.Parse(Peer), Multiaddress.Parse("/ip4/192.0.2.1/tcp/1"), new() { ["/ping/1"] = PeerId.Parse(Peer) });

        string json = JsonSerializer.Serialize(contact, ContactJson.Default.Contact);
        Contact read = JsonSerializer.Deserialize(json, ContactJson.Default.Contact)!;

        Assert.Equal($$$"""{"Peer":"{{{Peer}}}","Address":"/ip4/192.0.2.1/tcp/1","Speakers":{"/ping/1":"{{{Peer}}}"}}""", json);
        Assert.Equal((contact.Peer, contact.Address), (read.Peer, read.Address));
        Assert.Equal(contact.Speakers, read.Speakers);
    }

    [Theory]
    [InlineData("""{"Peer":"nobody"}""")]
    [InlineData("""{"Peer":1}""")]
    [InlineData("""{"Address":"/ip4/999.1.1.1"}""")]
    [InlineData("""{"Speakers":{"":"12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp"}}""")]
    public void What_is_none_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ContactJson.Default.Contact));

    internal sealed record Contact(PeerId? Peer, Multiaddress? Address, Dictionary<ProtocolId, PeerId>? Speakers);

    [JsonSerializable(typeof(Contact))]
    internal sealed partial class ContactJson : JsonSerializerContext;
}
