using System.Text;
using System.Text.Json;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

/// <summary>Envelopes that js sealed, sealed again byte for byte and opened, with real keys.</summary>
public sealed class EnvelopeSignatureTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("envelope", "signed_envelopes.json");

    private static readonly Dictionary<string, KeyPairSigner> s_signers = s_vectors.GetProperty("private_keys").EnumerateObject().ToDictionary(
        key => key.Name,
        key => new KeyPairSigner(PrivateKey.FromProtobuf(Convert.FromHexString(key.Value.GetString()!), CryptoEngine.Default)));

    private static JsonElement.ArrayEnumerator Records => s_vectors.GetProperty("peer_records").EnumerateArray();

    [Fact]
    public async Task Records_are_sealed_to_the_same_bytes_and_opened()
    {
        foreach (JsonElement row in Records)
        {
            KeyPairSigner signer = s_signers[row.Text("key_type")];
            Multiaddress[] addresses = [.. row.GetProperty("addresses").EnumerateArray().Select(a => Multiaddress.Parse(a.GetString()!))];
            ulong sequence = ulong.Parse(row.Text("seq"), System.Globalization.CultureInfo.InvariantCulture);
            SignedEnvelope envelope = await new PeerRecord(signer.PublicKey.PeerId, sequence, addresses).SealAsync(signer);

            Assert.Equal(row.Hex("envelope_hex"), envelope.ToBytes());
            PeerRecord opened = await PeerRecord.OpenAsync(SignedEnvelope.Parse(row.Hex("envelope_hex")), TestIdentity.Verifier);
            Assert.Equal(row.Text("peer_id"), opened.Peer.ToString());
            Assert.Equal(sequence, opened.Sequence);
            Assert.Equal(addresses, opened.Addresses);
        }
    }

    [Fact]
    public async Task Other_payloads_are_sealed_to_the_same_bytes_and_opened()
    {
        foreach (JsonElement row in s_vectors.GetProperty("generic").EnumerateArray())
        {
            byte[] type = Encoding.UTF8.GetBytes(row.Text("payload_type_utf8"));
            byte[] payload = Encoding.UTF8.GetBytes(row.Text("payload_utf8"));
            SignedEnvelope sealedHere = await SignedEnvelope.SealAsync(s_signers[row.Text("key_type")], row.Text("domain"), type, payload);
            SignedEnvelope opened = await SignedEnvelope.OpenAsync(row.Hex("envelope_hex"), row.Text("domain"), TestIdentity.Verifier);

            Assert.Equal(row.Hex("envelope_hex"), sealedHere.ToBytes());
            Assert.Equal(payload, opened.Payload.ToArray());
        }

        foreach (JsonElement row in s_vectors.GetProperty("relay_vouchers").EnumerateArray())
        {
            SignedEnvelope opened = await SignedEnvelope.OpenAsync(row.Hex("envelope_hex"), row.Text("domain"), TestIdentity.Verifier);

            Assert.Equal(row.Text("relay"), opened.PublicKey.PeerId.ToString());
            Assert.Equal(row.Hex("payload_type_hex"), opened.PayloadType.ToArray());
            Assert.Equal(row.Hex("voucher_hex"), opened.Payload.ToArray());
            SignedEnvelope again = await SignedEnvelope.SealAsync(s_signers["ed25519"], row.Text("domain"), opened.PayloadType, opened.Payload);
            Assert.Equal(row.Hex("envelope_hex"), again.ToBytes());
        }
    }

    [Fact]
    public async Task Another_domain_is_another_signature()
    {
        foreach (JsonElement row in Records)
        {
            SignedEnvelope envelope = SignedEnvelope.Parse(row.Hex("envelope_hex"));
            Assert.True(await envelope.VerifyAsync(PeerRecord.Domain, TestIdentity.Verifier));
            Assert.False(await envelope.VerifyAsync("libp2p-peer-recor", TestIdentity.Verifier));
            Assert.False(await envelope.VerifyAsync(PeerRecord.LegacyDomain, TestIdentity.Verifier));
        }
    }

    [Fact]
    public async Task No_bit_can_be_flipped()
    {
        foreach (JsonElement row in Records)
        {
            byte[] bytes = row.Hex("envelope_hex");
            int stride = bytes.Length > 1000 ? 61 : 7; // of an RSA envelope fewer: its key must be read each time

            for (int bit = 0; bit < bytes.Length * 8; bit += stride)
            {
                byte[] damaged = [.. bytes];
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                bool opens = SignedEnvelope.TryParse(damaged, out SignedEnvelope? envelope)
                    && await PeerRecord.TryOpenAsync(envelope, TestIdentity.Verifier) is not null;
                Assert.False(opens, $"{row.Text("key_type")}: bit {bit} was flipped");
            }
        }
    }

    [Fact]
    public async Task A_record_under_anothers_signature_is_refused()
    {
        JsonElement row = Records.First();
        SignedEnvelope envelope = await SignedEnvelope.SealAsync(
            s_signers["secp256k1"], PeerRecord.Domain, PeerRecord.PayloadType, row.Hex("record_hex"));

        Assert.True(await envelope.VerifyAsync(PeerRecord.Domain, TestIdentity.Verifier));
        await Assert.ThrowsAsync<MultiformatException>(async () => await PeerRecord.OpenAsync(envelope, TestIdentity.Verifier));
    }

    [Fact]
    public async Task The_legacy_form_of_rust_is_opened_on_demand()
    {
        JsonElement legacy = s_vectors.GetProperty("rust_legacy");
        Assert.Equal(PeerRecord.LegacyDomain, legacy.Text("domain"));
        Assert.Equal(Encoding.UTF8.GetBytes(legacy.Text("payload_type_utf8")), PeerRecord.LegacyPayloadType.ToArray());
        SignedEnvelope envelope = await SignedEnvelope.SealAsync(
            s_signers["ed25519"], PeerRecord.LegacyDomain, PeerRecord.LegacyPayloadType, Records.First().Hex("record_hex"));

        Assert.Null(await PeerRecord.TryOpenAsync(envelope, TestIdentity.Verifier));
        Assert.NotNull(await PeerRecord.TryOpenAsync(envelope, TestIdentity.Verifier, acceptLegacy: true));
    }
}
