using System.Text.Json;
using Libp2p.Security;
using Libp2p.Security.Tls;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Security.Tls;

/// <summary>Whose certificate is believed: vectors of the specification and of rust-libp2p, certificates with one thing wrong, and damaged ones.</summary>
public sealed class CertificateTests
{
    private static readonly JsonElement s_certificates = VectorFile.Read("tls", "libp2p_certificates.json").GetProperty("certificates");
    private static readonly JsonElement s_schemes = VectorFile.Read("tls", "signature_schemes.json").GetProperty("certificates");

    public static TheoryData<string> Good => [.. CertificateCases.Good.Keys];

    public static TheoryData<string> Bad => [.. CertificateCases.Bad.Keys];

    [Fact]
    public async Task Certificates_of_the_specification_and_of_rust()
    {
        Assert.Equal(8, s_certificates.GetArrayLength());
        foreach (JsonElement row in s_certificates.EnumerateArray())
        {
            byte[] der = row.Hex("certificate_der_hex");
            if (row.GetProperty("valid").GetBoolean())
            {
                Assert.Equal(row.Text("peer_id"), (await VerifyAsync(der)).PeerId.ToString());
            }
            else
            {
                HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => VerifyAsync(der));
                Assert.Contains("whose it claims to be", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Signature_schemes_of_rust()
    {
        foreach (JsonElement row in s_schemes.EnumerateArray())
        {
            RemoteCertificate? read = RemoteCertificate.TryRead(row.Hex("certificate_der_hex"), out CertificateRefusal refusal);
            if (row.Text("file") == "ed448.der")
            {
                Assert.Equal(CertificateRefusal.UnknownSignature, refusal); // a scheme of TLS that no platform has
                continue;
            }

            Assert.Equal(CertificateRefusal.None, refusal);
            bool isSelfSigned = await read!.Algorithm.VerifyAsync(read.PublicKeyInfo, read.Signed, read.Signature, TestIdentity.Verifier, default);
            bool isKnown = row.GetProperty("signature_scheme_code").ValueKind == JsonValueKind.Number;
            Assert.Equal(isKnown, isSelfSigned);
            if (isKnown)
            {
                Assert.Equal(row.GetProperty("signature_scheme_code").GetInt32(), read.Algorithm.Scheme);
            }

            bool verifies = row.GetProperty("libp2p_extension_verifies").GetBoolean();
            Task<PublicKey> verifying = VerifyAsync(row.Hex("certificate_der_hex"), now: read.NotAfter);
            await (verifies ? verifying : (Task)Assert.ThrowsAsync<HandshakeException>(() => verifying));
        }
    }

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_certificate_of_a_peer_is_believed(string name)
    {
        CertificateRecipe recipe = CertificateCases.Good[name];
        PublicKey key = await VerifyAsync(recipe.Der(), ExpectedPeer.Exactly(recipe.Identity.PublicKey.PeerId));
        Assert.Equal(recipe.Identity.PublicKey, key);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_certificate_with_one_thing_wrong_is_refused_and_named(string name)
    {
        (CertificateRecipe recipe, string said) = CertificateCases.Bad[name];
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => VerifyAsync(recipe.Der()));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Violation, refused.Reason.By);
    }

    [Fact]
    public async Task Another_peer_is_refused_before_its_signature_is_checked()
    {
        CertificateRecipe recipe = CertificateCases.Bad["another's key signed"].Recipe;
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(
            () => VerifyAsync(recipe.Der(), ExpectedPeer.Exactly(TestIdentity.Ed25519(99).PublicKey.PeerId)));
        Assert.Contains(recipe.Identity.PublicKey.PeerId.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Local, refused.Reason.By);
    }

    [Fact]
    public void Each_refusal_is_in_the_documentation()
    {
        string page = File.ReadAllText(Repository.At("docs/tls.md"));
        Assert.All(Enum.GetNames<CertificateRefusal>().Except([nameof(CertificateRefusal.None)]), name => Assert.Contains($"| `{name}` |", page, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Damage_never_makes_a_certificate_another_peers(int seed)
    {
        Random random = new(seed);
        byte[][] originals =
        [
            .. s_certificates.EnumerateArray().Where(row => row.GetProperty("valid").GetBoolean()).Select(row => row.Hex("certificate_der_hex")),
            new CertificateRecipe { Before = [CertificateRecipe.Unknown(critical: false)] }.Der(),
        ];
        PeerId[] peers = [.. await Task.WhenAll(originals.Select(async der => (await VerifyAsync(der)).PeerId))];
        int refused = 0;

        for (int i = 0; i < 2000; i++)
        {
            int which = random.Next(originals.Length);
            byte[] damaged = Mutations.Mutate(originals[which], random);
            try
            {
                Assert.Equal(peers[which], (await VerifyAsync(damaged)).PeerId);
                Assert.Equal(originals[which], damaged);
            }
            catch (HandshakeException e)
            {
                Assert.Contains("certificate", e.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 1800, 2000);
    }

    private static async Task<PublicKey> VerifyAsync(byte[] der, ExpectedPeer? expected = null, DateTimeOffset? now = null) =>
        await new CertificateVerifier(TestIdentity.Verifier, new ManualClock(now ?? CertificateRecipe.Now)).VerifyAsync(der, expected ?? ExpectedPeer.Anyone, default);
}
