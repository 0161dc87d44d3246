using System.Text;
using System.Text.Json;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

public sealed class PrivateKeyTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("keys", "keys.json");

    [Fact]
    public void A_key_survives_its_protobuf_form()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(CryptoRandomSource.Instance, CryptoEngine.Default);
        using PrivateKey copy = PrivateKey.FromProtobuf(key.ToProtobuf(), CryptoEngine.Default);

        Assert.Equal(key.PublicKey, copy.PublicKey);
        Assert.Equal(KeyType.Ed25519, copy.Type);
        Assert.Equal(key.Sign("m"u8), copy.Sign("m"u8));
    }

    [Fact]
    public void The_same_randomness_gives_the_same_key()
    {
        using PrivateKey one = PrivateKey.GenerateEd25519(new SeededRandomSource(7), CryptoEngine.Default);
        using PrivateKey same = PrivateKey.GenerateEd25519(new SeededRandomSource(7), CryptoEngine.Portable);
        using PrivateKey other = PrivateKey.GenerateEd25519(new SeededRandomSource(8), CryptoEngine.Default);

        Assert.Equal(one.ToProtobuf(), same.ToProtobuf());
        Assert.NotEqual(one.PublicKey, other.PublicKey);
    }

    public static TheoryData<string> Types => ["rsa", "ed25519", "secp256k1", "ecdsa"];

    [Theory]
    [MemberData(nameof(Types))]
    public void The_keys_of_the_specification_are_read_and_written(string type)
    {
        JsonElement pair = s_vectors.GetProperty("spec_pairs").EnumerateArray().Single(p => p.Text("type") == type);
        using PrivateKey key = PrivateKey.FromProtobuf(pair.Hex("private_protobuf_hex"), CryptoEngine.Default);

        Assert.Equal(pair.Hex("private_protobuf_hex"), key.ToProtobuf());
        Assert.Equal(pair.Hex("public_protobuf_hex"), key.PublicKey.ToProtobuf().ToArray());
        Assert.Equal(pair.Text("peer_id"), key.PublicKey.PeerId.ToString());
    }

    [Fact]
    public void Signatures_are_those_of_go_where_they_are_deterministic_and_verify_in_any_case()
    {
        foreach (JsonElement vector in s_vectors.GetProperty("signatures").EnumerateArray())
        {
            using PrivateKey key = PrivateKey.FromProtobuf(vector.Hex("private_protobuf_hex"), CryptoEngine.Default);
            byte[] message = Encoding.UTF8.GetBytes(vector.Text("message_utf8"));
            byte[] signature = key.Sign(message);

            Assert.Equal(vector.Hex("public_protobuf_hex"), key.PublicKey.ToProtobuf().ToArray());
            Assert.True(TestIdentity.Verifier.Verify(key.PublicKey, message, signature));

            if (vector.GetProperty("signature_deterministic").GetBoolean())
            {
                Assert.Equal(vector.Hex("signature_hex"), signature);
            }
        }
    }

    [Fact]
    public void Keys_in_files_of_go_have_the_peer_ids_that_go_gives_them()
    {
        foreach (JsonElement vector in s_vectors.GetProperty("private_key_to_peer_id").EnumerateArray())
        {
            using PrivateKey key = PrivateKey.FromProtobuf(vector.Hex("private_protobuf_hex"), CryptoEngine.Default);
            Assert.Equal(vector.Text("peer_id"), key.PublicKey.PeerId.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void New_keys_of_each_type_sign_and_survive_their_protobuf_form(string type)
    {
        using PrivateKey key = type switch
        {
            "rsa" => PrivateKey.GenerateRsa(),
            "ecdsa" => PrivateKey.GenerateEcdsa(new SeededRandomSource(1)),
            "secp256k1" => PrivateKey.GenerateSecp256k1(new SeededRandomSource(1), CryptoEngine.Default),
            _ => PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default),
        };

        using PrivateKey copy = PrivateKey.FromProtobuf(key.ToProtobuf(), CryptoEngine.Default);
        Assert.Equal(key.PublicKey, copy.PublicKey);
        Assert.Equal(key.ToProtobuf(), copy.ToProtobuf());
        Assert.True(TestIdentity.Verifier.Verify(key.PublicKey, "m"u8, copy.Sign("m"u8)));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Damaged_keys_are_refused_or_are_other_keys_but_never_another_exception(string type)
    {
        byte[] message = s_vectors.GetProperty("spec_pairs").EnumerateArray().Single(p => p.Text("type") == type).Hex("private_protobuf_hex");
        SeededRandomSource random = new(3);

        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = message[..(random.Next(2) == 0 ? message.Length : random.Next(message.Length))];

            if (damaged.Length > 0)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }

            try
            {
                PrivateKey.FromProtobuf(damaged, CryptoEngine.Default).Dispose();
            }
            catch (MultiformatException)
            {
                // The expected one.
            }
        }
    }

    [Fact]
    public void Old_forms_are_read_and_inconsistent_ones_refused()
    {
        foreach (JsonElement form in s_vectors.GetProperty("ed25519_private_forms").EnumerateArray())
        {
            byte[] message = form.Hex("private_protobuf_hex");

            if (form.GetProperty("ok").GetBoolean())
            {
                using PrivateKey key = PrivateKey.FromProtobuf(message, CryptoEngine.Default);
                Assert.Equal(64 + 4, key.ToProtobuf().Length);
            }
            else
            {
                Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf(message, CryptoEngine.Default));
            }
        }
    }

    [Fact]
    public void A_public_half_that_is_not_the_secrets_is_refused()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        byte[] message = key.ToProtobuf();
        message[^1] ^= 1;
        Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf(message, CryptoEngine.Default));
    }

    [Fact]
    public void Malformed_messages_are_refused_and_never_quoted()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        byte[] message = key.ToProtobuf();

        for (int length = 0; length < message.Length; length++)
        {
            MultiformatException refused =
                Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf(message.AsSpan(0, length), CryptoEngine.Default));
            Assert.DoesNotContain(Convert.ToHexString(message.AsSpan(4, 4)), refused.ToString(), StringComparison.OrdinalIgnoreCase);
        }

        Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf([0x08, 0x09, 0x12, 0x01, 0x00], CryptoEngine.Default));
        Assert.Throws<MultiformatException>(() => PrivateKey.FromProtobuf(new byte[10_000], CryptoEngine.Default));
    }

    [Fact]
    public void Its_texts_name_the_public_half_only()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        using KeyPairSigner signer = new(key);
        Assert.Equal(key.PublicKey.ToString(), key.ToString());
        Assert.Equal(key.PublicKey.ToString(), signer.ToString());
    }

    [Fact]
    public async Task After_disposal_nothing_is_left_to_sign_with()
    {
        PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        KeyPairSigner signer = new(key);
        signer.Dispose();
        signer.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => signer.SignAsync(new byte[1], CancellationToken.None).AsTask());
        Assert.Throws<ObjectDisposedException>(() => key.ToProtobuf());
    }
}
