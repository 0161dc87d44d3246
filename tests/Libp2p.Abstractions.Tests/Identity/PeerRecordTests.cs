using Libp2p.Multiformats;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Identity;

public class PeerRecordTests
{
    private const string File = "envelope/signed_envelopes.json";
    private const string Peer = "0024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";
    private const string PeerField = "0a26" + Peer;
    private const string Loopback = "047f000001060fa1";

    // An envelope that go-libp2p sealed: ten addresses /ip4/1.2.3.4/tcp/0 to 9.
    private const string GoEnvelope =
        "0a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4120203011aaa010a2600240801122011bba3ed1721948cefb4e50b0a"
        + "0bb5cad8a6b52dc7b1a40f4f6652105c91e2c410d8b8e0bf9391b697161a0a0a080401020304060000" + "1a0a0a080401020304060001"
        + "1a0a0a080401020304060002" + "1a0a0a080401020304060003" + "1a0a0a080401020304060004" + "1a0a0a080401020304060005"
        + "1a0a0a080401020304060006" + "1a0a0a080401020304060007" + "1a0a0a080401020304060008" + "1a0a0a080401020304060009"
        + "2a40b197f76b9f288af2b467fe666f774476287049b424b73975c8860efb02372d026a799584541ad72f2654346485bca3ece36462b7d1b1391c8d276dc4ab8bca0b";

    private readonly StandInSigner _alice = StandInSigner.Alice;

    [Fact]
    public void Reads_and_writes_what_js_wrote() => Assert.All(VectorFile.Rows(File, "peer_records"), static row =>
    {
        PeerRecord record = PeerRecord.Parse(row.Hex("record_hex"));

        Assert.Equal(row.Text("peer_id"), record.Peer.ToString());
        Assert.Equal(row.Text("seq"), record.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            row.GetProperty("addresses").EnumerateArray().Select(static address => address.GetString()),
            record.Addresses.Select(static address => address.ToString()));
        Assert.Equal(0, record.SkippedAddresses);
        Assert.Equal(row.Hex("record_hex"), record.ToBytes());
        Assert.Equal(row.Hex("record_hex"), new PeerRecord(record.Peer, record.Sequence, record.Addresses).ToBytes());
    });

    [Fact]
    public void Reads_what_go_wrote()
    {
        SignedEnvelope envelope = SignedEnvelope.Parse(Convert.FromHexString(GoEnvelope));
        PeerRecord record = PeerRecord.Parse(envelope.Payload.Span);

        Assert.Equal(GoEnvelope, Convert.ToHexStringLower(envelope.ToBytes()));
        Assert.Equal(envelope.Payload.ToArray(), record.ToBytes());
        Assert.Equal(envelope.PublicKey.PeerId, record.Peer);
        Assert.Equal("/ip4/1.2.3.4/tcp/9", record.Addresses[^1].ToString());
        Assert.Equal(PeerRecord.PayloadType.ToArray(), envelope.PayloadType.ToArray());
    }

    [Theory]
    [InlineData(PeerField + "1a0a0a08" + Loopback + "1a050a0304ffff" + "1a00" + "1a040a02a27f", 1, 3, "addresses that are cut short, missing or of an unknown protocol")]
    [InlineData("1a0a0a08" + Loopback + "1005" + PeerField, 1, 0, "fields in another order")]
    [InlineData(PeerField + "1005" + "1007" + "220133" + "2801", 0, 0, "a repeated and an unknown field")]
    [InlineData(PeerField + "1a0f" + "1001" + "0a0104" + "0a08" + Loopback, 1, 0, "an unknown and a repeated field of an address")]
    [InlineData(PeerField + "1a020805", 0, 1, "an address in another encoding, which is an unknown field")]
    [InlineData(PeerField + "18051203112233", 0, 0, "fields in another encoding, which are unknown ones")]
    public void Reads_what_protobuf_allows_and_skips_addresses_unknown_to_us(string hex, int addresses, int skipped, string why)
    {
        Assert.True(PeerRecord.TryParse(Convert.FromHexString(hex), out PeerRecord? record, out _), why);
        Assert.Equal(Peer, Convert.ToHexStringLower(record.Peer.Bytes));
        Assert.Equal(addresses, record.Addresses.Count);
        Assert.Equal(skipped, record.SkippedAddresses);
    }

    [Theory]
    [InlineData("", "nothing")]
    [InlineData("1005", "no peer")]
    [InlineData("0a00", "an empty peer")]
    [InlineData("0a020000", "a peer that is none")]
    [InlineData(PeerField + "1a020a01", "an address that ends inside a field")]
    [InlineData(PeerField + "1a0a0a", "an address past the end")]
    [InlineData(PeerField + "10ffffffffffffffffff02", "a sequence of more than 64 bits")]
    public void Refuses_everything_else(string hex, string why)
    {
        byte[] bytes = Convert.FromHexString(hex);

        Assert.False(PeerRecord.TryParse(bytes, out PeerRecord? none), why);
        Assert.Null(none);
        Assert.Throws<MultiformatException>(() => PeerRecord.Parse(bytes));
    }

    [Fact]
    public void The_sequence_has_64_bits()
    {
        PeerRecord record = new(PeerId.FromBytes(Convert.FromHexString(Peer)), ulong.MaxValue, []);

        Assert.EndsWith("10ffffffffffffffffff01", Convert.ToHexStringLower(record.ToBytes()), StringComparison.Ordinal);
        Assert.Equal(ulong.MaxValue, PeerRecord.Parse(record.ToBytes()).Sequence);
    }

    [Fact]
    public async Task Is_sealed_by_its_peer_in_its_own_domain()
    {
        PeerRecord record = new(_alice.PublicKey.PeerId, 7, [Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001")]);
        SignedEnvelope envelope = await record.SealAsync(_alice);

        Assert.StartsWith("\x12libp2p-peer-record\x02\x03\x01", _alice.LastMessageText, StringComparison.Ordinal);
        PeerRecord opened = await PeerRecord.OpenAsync(SignedEnvelope.Parse(envelope.ToBytes()), _alice);
        Assert.Equal(record.ToBytes(), opened.ToBytes());
        await Assert.ThrowsAsync<ArgumentException>(async () => await record.SealAsync(StandInSigner.Bob));
    }

    [Fact]
    public async Task Refuses_a_record_about_another_peer()
    {
        PeerRecord record = new(_alice.PublicKey.PeerId, 7, []);

        await AssertRefused(await SignedEnvelope.SealAsync(StandInSigner.Bob, PeerRecord.Domain, PeerRecord.PayloadType, record.ToBytes()), "signer");
    }

    [Fact]
    public async Task Refuses_another_domain_type_or_payload()
    {
        byte[] record = new PeerRecord(_alice.PublicKey.PeerId, 7, []).ToBytes();

        await AssertRefused(await SignedEnvelope.SealAsync(_alice, "libp2p-relay-rsvp", PeerRecord.PayloadType, record), "signature");
        await AssertRefused(await SignedEnvelope.SealAsync(_alice, PeerRecord.Domain, new byte[] { 0x03, 0x02 }, record), "type");
        await AssertRefused(await SignedEnvelope.SealAsync(_alice, PeerRecord.Domain, new byte[] { 0x81, 0x06 }, record), "type");
        await AssertRefused(await SignedEnvelope.SealAsync(_alice, PeerRecord.Domain, PeerRecord.PayloadType, new byte[] { 0xFF }), "message");
    }

    [Fact]
    public async Task Accepts_the_legacy_form_only_when_asked()
    {
        byte[] record = new PeerRecord(_alice.PublicKey.PeerId, 7, []).ToBytes();
        SignedEnvelope legacy = await SignedEnvelope.SealAsync(_alice, PeerRecord.LegacyDomain, PeerRecord.LegacyPayloadType, record);
        SignedEnvelope mixed = await SignedEnvelope.SealAsync(_alice, PeerRecord.Domain, PeerRecord.LegacyPayloadType, record);

        await AssertRefused(legacy, "type");
        Assert.Equal(7ul, (await PeerRecord.OpenAsync(legacy, _alice, acceptLegacy: true)).Sequence);
        Assert.Null(await PeerRecord.TryOpenAsync(mixed, _alice, acceptLegacy: true));
    }

    [Fact]
    public void Bounds_length_and_addresses()
    {
        PeerId peer = _alice.PublicKey.PeerId;
        Multiaddress address = Multiaddress.Parse("/ip4/127.0.0.1/tcp/4001");
        Multiaddress longAddress = Multiaddress.Parse("/dns/" + new string('a', 1000));
        PeerRecord longest = new(peer, 1, Enumerable.Repeat(address, PeerRecord.MaxAddresses));

        Assert.Equal(PeerRecord.MaxAddresses, PeerRecord.Parse(longest.ToBytes()).Addresses.Count);
        Assert.False(PeerRecord.TryParse([.. longest.ToBytes(), 0x1A, 0x00], out _));
        Assert.False(PeerRecord.TryParse(new byte[PeerRecord.MaxLength + 1], out _));
        Assert.Throws<ArgumentException>(() => new PeerRecord(peer, 1, Enumerable.Repeat(address, PeerRecord.MaxAddresses + 1)));
        Assert.Throws<ArgumentException>(() => new PeerRecord(peer, 1, Enumerable.Repeat(longAddress, 66)));
        Assert.Throws<ArgumentException>(() => new PeerRecord(peer, 1, [Multiaddress.Empty]));
    }

    [Fact]
    public void Sequences_grow_even_when_the_clock_does_not()
    {
        ManualClock clock = new(DateTimeOffset.UnixEpoch.AddSeconds(5));
        PeerRecordSequence sequence = new(clock);

        Assert.Equal(5_000_000_000ul, sequence.Next());
        Assert.Equal(5_000_000_001ul, sequence.Next());
        clock.StepTimeOfDay(TimeSpan.FromSeconds(-5));
        Assert.Equal(5_000_000_002ul, sequence.Next());
        clock.StepTimeOfDay(TimeSpan.FromSeconds(6));
        Assert.Equal(6_000_000_000ul, sequence.Next());
    }

    private async Task AssertRefused(SignedEnvelope envelope, string reason)
    {
        MultiformatException error = await Assert.ThrowsAsync<MultiformatException>(async () => await PeerRecord.OpenAsync(envelope, _alice));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Null(await PeerRecord.TryOpenAsync(envelope, _alice));
    }
}
