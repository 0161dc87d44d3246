using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Libp2p.Crypto;
using Libp2p.Multiformats;
using Libp2p.TestKit;

namespace Libp2p.Tests.Identity;

public sealed class KeyFileTests : IDisposable
{
    // RFC 8410, section 10.3: the same key without and with its public half.
    private const string Ed25519Pem = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        -----END PRIVATE KEY-----
        """;

    private const string Ed25519PemWithPublicHalf = """
        -----BEGIN PRIVATE KEY-----
        MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
        oB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUgQ2hhaXJzgSEAGb9ECWmEzf6FQbrB
        Z9w7lshQhqowtrbLDFw4rXAxZuE=
        -----END PRIVATE KEY-----
        """;

    private const string Ed25519PublicKey = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

    // The secp256k1 key of the specification, as OpenSSL writes it in two forms.
    private const string Secp256k1Pem = """
        -----BEGIN PRIVATE KEY-----
        MD4CAQAwEAYHKoZIzj0CAQYFK4EEAAoEJzAlAgEBBCBT2t8dWhZNa0rNsV4kqkxb
        HTRhvb1Cq+2wpEBNVs7Y+w==
        -----END PRIVATE KEY-----
        """;

    private const string Secp256k1OldPem = """
        -----BEGIN EC PARAMETERS-----
        BgUrgQQACg==
        -----END EC PARAMETERS-----
        -----BEGIN EC PRIVATE KEY-----
        MC4CAQEEIFPa3x1aFk1rSs2xXiSqTFsdNGG9vUKr7bCkQE1Wztj7oAcGBSuBBAAK
        -----END EC PRIVATE KEY-----
        """;

    private static readonly JsonElement s_vectors = VectorFile.Read("keys", "keys.json");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string Path => System.IO.Path.Combine(_folder.FullName, "key");

    public static TheoryData<string> Types => ["rsa", "ed25519", "secp256k1", "ecdsa"];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_key_is_saved_as_the_protobuf_message_and_read_again(string type)
    {
        using PrivateKey key = PrivateKey.FromProtobuf(Message(type), CryptoEngine.Default);
        await key.SaveAsync(Path);
        using PrivateKey same = await PrivateKey.FromFileAsync(Path, CryptoEngine.Default);

        Assert.Equal(Message(type), await File.ReadAllBytesAsync(Path));
        Assert.Equal(key.PublicKey, same.PublicKey);
    }

    [Fact]
    public async Task Only_the_owner_may_read_a_saved_key_also_where_a_laxer_file_was()
    {
        await File.WriteAllTextAsync(Path, "old");

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, (UnixFileMode)0b110_110_110);
        }

        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        await key.SaveAsync(Path);

        Assert.Equal(key.ToProtobuf(), await File.ReadAllBytesAsync(Path));
        Assert.Single(_folder.GetFiles());

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public async Task A_key_that_cannot_be_saved_leaves_everything_as_it_was()
    {
        using PrivateKey key = PrivateKey.GenerateEd25519(new SeededRandomSource(1), CryptoEngine.Default);
        await File.WriteAllTextAsync(Path, "old");
        using CancellationTokenSource cancelled = new();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => key.SaveAsync(Path, cancelled.Token));
        await Assert.ThrowsAnyAsync<IOException>(() => key.SaveAsync(System.IO.Path.Combine(_folder.FullName, "no", "key")));
        Directory.CreateDirectory(Path + "s");
        await Assert.ThrowsAnyAsync<SystemException>(() => key.SaveAsync(Path + "s"));

        Assert.Equal("old", await File.ReadAllTextAsync(Path));
        Assert.Single(_folder.GetFiles());
        key.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => key.SaveAsync(Path));
    }

    [Fact]
    public async Task Files_that_are_none_say_so()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => PrivateKey.FromFileAsync(Path, CryptoEngine.Default));
        await File.WriteAllBytesAsync(Path, new byte[PrivateKey.MaxFileLength + 1]);
        await Assert.ThrowsAsync<MultiformatException>(() => PrivateKey.FromFileAsync(Path, CryptoEngine.Default));
        await File.WriteAllBytesAsync(Path, []);
        await Assert.ThrowsAsync<MultiformatException>(() => PrivateKey.FromFileAsync(Path, CryptoEngine.Default));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Base64_of_the_message_is_read_with_any_line_ends(string type)
    {
        AssertReads(type, Convert.ToBase64String(Message(type)));
        AssertReads(type, $"\n  {Convert.ToBase64String(Message(type), Base64FormattingOptions.InsertLineBreaks)}\r\n");
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_configuration_of_kubo_is_read(string type)
    {
        string peer = s_vectors.GetProperty("spec_pairs").EnumerateArray().Single(p => p.Text("type") == type).Text("peer_id");
        string key = Convert.ToBase64String(Message(type));

        AssertReads(type, Config($"""{"{"} "PeerID": "{peer}", "PrivKey": "{key}" {"}"}"""));
        AssertReads(type, Config($"""{"{"} "PrivKey": "{key}", "Later": [1, {"{}"}], "PeerID": "{PeerId.Parse(peer).ToCid()}" {"}"}"""));
        AssertReads(type, Config($"""{"{"} "PrivKey": "{key.Replace("+", "\\u002B", StringComparison.Ordinal)}" {"}"}"""));
    }

    [Fact]
    public void Configurations_without_a_key_or_with_anothers_peer_are_refused()
    {
        string key = Convert.ToBase64String(Message("ed25519"));
        string other = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

        AssertRefused(Config($"""{"{"} "PeerID": "{other}", "PrivKey": "{key}" {"}"}"""), "PeerID");
        AssertRefused(Config($"""{"{"} "PeerID": 5, "PrivKey": "{key}" {"}"}"""), "PeerID");
        AssertRefused(Config($"""{"{"} "PeerID": "{other}" {"}"}"""), "no Identity.PrivKey");
        AssertRefused(Config($"""{"{"} "PrivKey": "{new string('A', 20_000)}" {"}"}"""), "no Identity.PrivKey");
        AssertRefused(Config($"""{"{"} "PrivKey": "****" {"}"}"""), "base64");
        AssertRefused("""{ "Other": { "PrivKey": "CAES" } }""", "no Identity.PrivKey");
        AssertRefused("""{ "Identity": "CAES" }""", "no Identity.PrivKey");
        AssertRefused("{ \"Identity\": { \"PrivKey\": \"\\ud800\" } }", "JSON");
        AssertRefused("{ \"Identity\": { \"PrivKey\": ", "JSON");
    }

    [Fact]
    public void Pem_and_der_of_every_kind_are_read()
    {
        foreach (string pem in (string[])[Ed25519Pem, Ed25519PemWithPublicHalf, Ed25519Pem.Replace("\n", "\r\n", StringComparison.Ordinal)])
        {
            using PrivateKey ed25519 = Import(pem);
            Assert.Equal(Ed25519PublicKey, Convert.ToHexStringLower(ed25519.PublicKey.Data.Span));
        }

        AssertReads("secp256k1", Secp256k1Pem);
        AssertReads("secp256k1", Secp256k1OldPem);

        using ECDsa ecdsa = ECDsa.Create();
        ecdsa.ImportECPrivateKey(Message("ecdsa").AsSpan(4), out _);
        AssertReads("ecdsa", ecdsa.ExportPkcs8PrivateKeyPem());
        AssertReads("ecdsa", "# a comment\n" + ecdsa.ExportECPrivateKeyPem());
        using PrivateKey der = PrivateKey.Import(ecdsa.ExportPkcs8PrivateKey(), CryptoEngine.Default);
        Assert.Equal(Message("ecdsa"), der.ToProtobuf());
    }

    [Fact]
    public void Encrypted_and_other_pem_is_refused()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        PbeParameters encryption = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1);

        AssertRefused(ecdsa.ExportEncryptedPkcs8PrivateKeyPem("secret", encryption), "encrypted");
        AssertRefused(ecdsa.ExportSubjectPublicKeyInfoPem(), "no private key");
        AssertRefused(Ed25519Pem.Replace("BCIEI", "BCIEA", StringComparison.Ordinal), "DER");
        AssertRefused(Ed25519Pem.Replace("BQYDK2Vw", "BQYDK2Vv", StringComparison.Ordinal), "none of"); // X448
        AssertRefused("-----BEGIN PRIVATE KEY-----", "no private key");
    }

    [Fact]
    public void Damaged_content_of_every_form_gives_a_key_or_the_typed_error()
    {
        using ECDsa ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[][] seeds =
        [
            .. s_vectors.GetProperty("spec_pairs").EnumerateArray().Select(pair => pair.Hex("private_protobuf_hex")),
            Encoding.ASCII.GetBytes(Config($"""{"{"} "PrivKey": "{Convert.ToBase64String(Message("ed25519"))}" {"}"}""")),
            Encoding.ASCII.GetBytes(Ed25519PemWithPublicHalf),
            Encoding.ASCII.GetBytes(Secp256k1OldPem),
            ecdsa.ExportPkcs8PrivateKey(),
            s_vectors.GetProperty("rsa_pkcs8")[0].Hex("pkcs8_der_hex"),
        ];
        Random random = new(11);
        int read = 0;

        for (int i = 0; i < 3000; i++)
        {
            byte[] content = Mutations.Mutate(seeds[random.Next(seeds.Length)], random);

            try
            {
                using PrivateKey key = PrivateKey.Import(content, CryptoEngine.Default);
                Assert.True(TestIdentity.Verifier.Verify(key.PublicKey, "m"u8, key.Sign("m"u8)));
                read++;
            }
            catch (MultiformatException)
            {
                // The one expected error.
            }
        }

        Assert.InRange(read, 15, 2900);
    }

    private static string Config(string identity) =>
        $$"""{ "API": { "HTTPHeaders": {} }, "Identity": {{identity}}, "Swarm": { "ConnMgr": null } }""";

    private static byte[] Message(string type) =>
        s_vectors.GetProperty("spec_pairs").EnumerateArray().Single(p => p.Text("type") == type).Hex("private_protobuf_hex");

    private static PrivateKey Import(string content) => PrivateKey.Import(Encoding.UTF8.GetBytes(content), CryptoEngine.Default);

    private static void AssertReads(string type, string content)
    {
        using PrivateKey key = Import(content);
        Assert.Equal(Message(type), key.ToProtobuf());
    }

    private static void AssertRefused(string content, string reason)
    {
        MultiformatException error = Assert.Throws<MultiformatException>(() => Import(content));
        Assert.Contains(reason, error.Reason, StringComparison.Ordinal);
        Assert.Null(error.InnerException);
    }
}
