using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

/// <summary>Every row of the key vectors.</summary>
public sealed class KeyVectorTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("keys", "keys.json");

    [Fact]
    public void Pairs_of_the_specification() => All("spec_pairs", row =>
    {
        using PrivateKey key = Read(row);
        PublicKey publicKey = PublicKey.FromProtobuf(row.Hex("public_protobuf_hex"));

        Assert.Equal(row.Text("type"), key.Type.ToString().ToLowerInvariant());
        Assert.Equal(publicKey, key.PublicKey);
        Assert.Equal(row.Hex("public_protobuf_hex"), key.PublicKey.ToProtobuf().ToArray());
        Assert.Equal(row.Hex("private_protobuf_hex"), key.ToProtobuf());
        Assert.Equal(row.Text("peer_id"), key.PublicKey.PeerId.ToString());
        Assert.Equal(row.Text("peer_id_cid_base32"), key.PublicKey.PeerId.ToCid().ToString());
        Assert.Equal(row.Hex("peer_id_multihash_hex"), key.PublicKey.PeerId.Bytes.ToArray());
        Assert.True(SignatureVerifier.CanVerifyWith(publicKey));
    });

    [Fact]
    public void Signatures_of_go() => All("signatures", row =>
    {
        using PrivateKey key = Read(row);
        byte[] message = Encoding.UTF8.GetBytes(row.Text("message_utf8"));
        byte[] signature = row.Hex("signature_hex");

        Assert.Equal(row.Text("peer_id"), key.PublicKey.PeerId.ToString());
        Assert.True(TestIdentity.Verifier.Verify(PublicKey.FromProtobuf(row.Hex("public_protobuf_hex")), message, signature));
        Assert.True(TestIdentity.Verifier.Verify(key.PublicKey, message, key.Sign(message)));
        Assert.Equal(row.GetProperty("signature_deterministic").GetBoolean(), signature.AsSpan().SequenceEqual(key.Sign(message)));
    });

    [Fact]
    public void Private_keys_and_the_ids_that_go_gives_them() => All("private_key_to_peer_id", row =>
    {
        using PrivateKey key = Read(row);
        Assert.Equal(row.Text("peer_id"), key.PublicKey.PeerId.ToString());
    });

    [Fact]
    public void Rsa_keys_of_rust_in_all_their_forms() => All("rsa_pkcs8", row =>
    {
        byte[] pkcs1 = row.Hex("pkcs1_der_hex");
        byte[] pkcs8 = row.Hex("pkcs8_der_hex");
        using PrivateKey key = PrivateKey.Import(pkcs8, CryptoEngine.Default);

        Assert.Equal(row.Hex("spki_der_hex"), key.PublicKey.Data.ToArray());
        Assert.EndsWith(Convert.ToHexString(pkcs1), Convert.ToHexString(key.ToProtobuf()), StringComparison.Ordinal);
        Assert.Equal(row.GetProperty("bits").GetInt32(), Bits(key));

        foreach (string pem in (string[])[PemEncoding.WriteString("PRIVATE KEY", pkcs8), PemEncoding.WriteString("RSA PRIVATE KEY", pkcs1)])
        {
            using PrivateKey same = PrivateKey.Import(Encoding.ASCII.GetBytes(pem), CryptoEngine.Default);
            Assert.Equal(key.ToProtobuf(), same.ToProtobuf());
        }
    });

    [Fact]
    public void Forms_of_ed25519_secrets() => All("ed25519_private_forms", row =>
    {
        if (row.GetProperty("ok").GetBoolean())
        {
            using PrivateKey key = Read(row);
            Assert.Equal("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq", key.PublicKey.PeerId.ToString());
        }
        else
        {
            Assert.Throws<MultiformatException>(() => Read(row));
        }
    });

    [Fact]
    public void Public_keys_that_are_none() =>
        All("must_not_decode_public", row => Assert.False(PublicKey.TryFromProtobuf(row.Hex("hex"), out _), row.Text("why")));

    private static PrivateKey Read(JsonElement row) => PrivateKey.FromProtobuf(row.Hex("private_protobuf_hex"), CryptoEngine.Default);

    private static int Bits(PrivateKey key)
    {
        using RSA rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(key.PublicKey.Data.Span, out _);
        return rsa.KeySize;
    }

    private static void All(string rows, Action<JsonElement> check)
    {
        Assert.NotEqual(0, s_vectors.GetProperty(rows).GetArrayLength());
        Assert.All(s_vectors.GetProperty(rows).EnumerateArray(), check);
    }
}
