using System.Text;
using System.Text.Json;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Identity;

public class SignedEnvelopeTests
{
    private const string File = "envelope/signed_envelopes.json";
    private const string Key = "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private const string KeyField = "0a24" + Key;
    private const string OtherKeyField = "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27f";

    private static readonly byte[] s_type = [0xAA, 0xBB];

    private readonly StandInSigner _alice = StandInSigner.Alice;

    public static TheoryData<string, string> Vectors()
    {
        TheoryData<string, string> data = [];

        foreach (string kind in (string[])["peer_records", "generic", "relay_vouchers"])
        {
            foreach (JsonElement row in VectorFile.Rows(File, kind))
            {
                data.Add(row.Text("domain"), row.Text("envelope_hex"));
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Reads_and_writes_what_js_sealed(string domain, string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        SignedEnvelope envelope = SignedEnvelope.Parse(bytes);

        Assert.NotEmpty(domain);
        Assert.Equal(bytes, envelope.ToBytes());
        Assert.Equal(envelope, SignedEnvelope.Parse(envelope.ToBytes()));
        Assert.Equal(envelope.GetHashCode(), SignedEnvelope.Parse(bytes).GetHashCode());
    }

    [Fact]
    public void Takes_the_vectors_apart() => Assert.All(VectorFile.Rows(File, "peer_records"), static row =>
    {
        SignedEnvelope envelope = SignedEnvelope.Parse(row.Hex("envelope_hex"));

        Assert.Equal(row.Text("peer_id"), envelope.PublicKey.PeerId.ToString());
        Assert.Equal(row.Hex("payload_type_hex"), envelope.PayloadType.ToArray());
        Assert.Equal(row.Hex("record_hex"), envelope.Payload.ToArray());
        Assert.Equal(row.Hex("signature_hex"), envelope.Signature.ToArray());
    });

    [Fact]
    public async Task Signs_domain_type_and_payload_each_with_its_length()
    {
        byte[] payload = new byte[300];
        SignedEnvelope envelope = await SignedEnvelope.SealAsync(_alice, "some-domain", s_type, payload);

        Assert.Equal([11, .. "some-domain"u8, 2, 0xAA, 0xBB, 0xAC, 0x02, .. payload], _alice.LastMessage);
        Assert.Equal(_alice.PublicKey, envelope.PublicKey);
        Assert.Equal(s_type, envelope.PayloadType.ToArray());
        Assert.Equal(payload, envelope.Payload.ToArray());
        Assert.Equal(envelope, await SignedEnvelope.OpenAsync(envelope.ToBytes(), "some-domain", _alice));
    }

    [Fact]
    public async Task Domains_are_separate()
    {
        SignedEnvelope envelope = await SignedEnvelope.SealAsync(_alice, "one", s_type, "payload"u8.ToArray());

        Assert.True(await envelope.VerifyAsync("one", _alice));
        Assert.False(await envelope.VerifyAsync("two", _alice));
        Assert.False(await envelope.VerifyAsync("onee", _alice));
        MultiformatException error = await Assert.ThrowsAsync<MultiformatException>(
            async () => await SignedEnvelope.OpenAsync(envelope.ToBytes(), "two", _alice));
        Assert.Equal("signed envelope", error.Format);
    }

    [Fact]
    public async Task The_payload_is_copied_before_the_caller_can_change_it()
    {
        byte[] payload = [1, 2, 3];
        SignedEnvelope envelope = await SignedEnvelope.SealAsync(_alice, "d", s_type, payload);
        byte[] bytes = envelope.ToBytes();
        SignedEnvelope read = SignedEnvelope.Parse(bytes);
        payload[0] = 9;
        bytes.AsSpan().Clear();

        Assert.Equal([1, 2, 3], envelope.Payload.ToArray());
        Assert.Equal(envelope, read);
    }

    [Theory]
    [InlineData("2a0101" + "1a021122" + "12020301" + KeyField, "0301", "1122", "fields in another order")]
    [InlineData(KeyField + "2a0101" + "2002" + "320122" + "1200", "", "", "unknown fields, type and payload empty")]
    [InlineData(KeyField + "1a0111" + "1a0122" + "2a0101", "", "22", "a repeated field, of which the last wins")]
    [InlineData(KeyField + "1a0111" + "1805" + "2a0101", "", "11", "a field in another encoding, which is an unknown one")]
    [InlineData("0a290801" + "1a0133" + Key + "2a0101", "", "", "a key with an unknown field and a repeated one")]
    [InlineData(KeyField + KeyField + "2a0101", "", "", "the same key twice")]
    [InlineData(KeyField + "2a0101" + "0b0c", "", "", "a group where the key should be")]
    [InlineData("1b1a01111c" + KeyField + "1a0122" + "2a0101", "", "22", "a group where the payload should be, with a payload in it")]
    [InlineData(KeyField + "2a0109" + "12020301" + "2a0101" + "1200", "", "", "signature and type repeated")]
    public void Reads_what_protobuf_allows(string hex, string type, string payload, string why)
    {
        Assert.True(SignedEnvelope.TryParse(Convert.FromHexString(hex), out SignedEnvelope? envelope, out _), why);
        Assert.Equal(Key, Convert.ToHexStringLower(envelope.PublicKey.ToProtobuf().Span));
        Assert.Equal(type, Convert.ToHexStringLower(envelope.PayloadType.Span));
        Assert.Equal(payload, Convert.ToHexStringLower(envelope.Payload.Span));
        Assert.Equal(envelope, SignedEnvelope.Parse(envelope.ToBytes()));
    }

    [Theory]
    [InlineData("", 0, "nothing")]
    [InlineData("1a01112a0101", 5, "no key")]
    [InlineData(KeyField + "1a0111", 40, "no signature")]
    [InlineData(KeyField + "2a00", 40, "an empty signature")]
    [InlineData("0a0408010a00" + "2a0101", 6, "a key without data")]
    [InlineData("0a00" + "2a0101", 2, "an empty key")]
    [InlineData(KeyField + OtherKeyField + "2a0101", 40, "two keys that differ")]
    [InlineData("0a020801" + KeyField + "2a0101", 3, "a key in two parts, which some would merge")]
    [InlineData(KeyField + "2a0201", 38, "a signature cut short")]
    [InlineData(KeyField + "2a0101" + "1affffffffffffffffff01", 41, "a length past everything")]
    [InlineData(KeyField + "2a0101" + "0b14", 41, "a group without an end")]
    [InlineData(KeyField + "2a0101" + "0001", 41, "field number 0")]
    public void Refuses_everything_else(string hex, int position, string why)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(SignedEnvelope.TryParse(bytes, out SignedEnvelope? none, out MultiformatError error), why);
        Assert.Null(none);
        Assert.True(position == error.Position, $"{why}: {error}");
        Assert.Equal(error.Reason, Assert.Throws<MultiformatException>(() => SignedEnvelope.Parse(bytes)).Reason);
    }

    [Fact]
    public async Task Bounds_every_part()
    {
        byte[] longest = (await SignedEnvelope.SealAsync(_alice, new string('d', 256), new byte[256], new byte[SignedEnvelope.MaxLength - 2048])).ToBytes();
        Assert.True(SignedEnvelope.TryParse(longest, out _));
        Assert.False(SignedEnvelope.TryParse(new byte[SignedEnvelope.MaxLength + 1], out _));

        byte[] head = Convert.FromHexString(KeyField);
        Assert.True(SignedEnvelope.TryParse([.. head, 0x2A, 0x80, 0x08, .. new byte[1024]], out _));
        Assert.False(SignedEnvelope.TryParse([.. head, 0x2A, 0x81, 0x08, .. new byte[1025]], out _));
        Assert.False(SignedEnvelope.TryParse([.. head, 0x12, 0x81, 0x02, .. new byte[257], 0x2A, 0x01, 0x01], out _));

        await Refused("", s_type, []);
        await Refused(new string('d', 257), s_type, []);
        await Refused(new string('é', 129), s_type, []);
        await Refused("d", [], []);
        await Refused("d", new byte[257], []);
        await Refused("d", s_type, new byte[SignedEnvelope.MaxLength]);

        async Task Refused(string domain, byte[] type, byte[] payload) =>
            await Assert.ThrowsAnyAsync<ArgumentException>(async () => await SignedEnvelope.SealAsync(_alice, domain, type, payload));
    }

    [Fact]
    public async Task A_signer_can_be_given_up()
    {
        using CancellationTokenSource source = new();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await SignedEnvelope.SealAsync(_alice, "d", s_type, Array.Empty<byte>(), source.Token));
    }

    [Fact]
    public void Its_text_names_the_claimed_signer() => Assert.StartsWith(
        "envelope of 12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq, type ",
        SignedEnvelope.Parse(Convert.FromHexString(KeyField + "2a0101")).ToString(),
        StringComparison.Ordinal);

    [Fact]
    public async Task Different_parts_make_different_envelopes()
    {
        SignedEnvelope one = await SignedEnvelope.SealAsync(_alice, "d", s_type, "x"u8.ToArray());

        Assert.True(one != await SignedEnvelope.SealAsync(_alice, "d", s_type, "y"u8.ToArray()));
        Assert.True(one != await SignedEnvelope.SealAsync(_alice, "d", new byte[] { 1 }, "x"u8.ToArray()));
        Assert.True(one != await SignedEnvelope.SealAsync(StandInSigner.Bob, "d", s_type, "x"u8.ToArray()));
        Assert.True(one == await SignedEnvelope.SealAsync(_alice, "d", s_type, Encoding.UTF8.GetBytes("x")));
        Assert.False(one == null);
    }
}
