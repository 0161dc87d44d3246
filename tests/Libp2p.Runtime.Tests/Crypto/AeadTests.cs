using System.Text.Json;
using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

public class AeadTests
{
    [Theory, EngineData, LibsodiumData]
    public void Rfc_8439_holds_both_ways(string name)
    {
        foreach (JsonElement row in Vectors.Load("rfc8439_chacha20_poly1305.json").GetProperty("aead").EnumerateArray())
        {
            using Aead aead = Engines.ByName(name).CreateChaCha20Poly1305(row.Hex("key"));
            byte[] plaintext = row.Hex("plaintext");
            byte[] ciphertext = new byte[plaintext.Length];
            byte[] tag = new byte[Aead.TagSize];
            if (row.TryGetProperty("fails", out _))
            {
                _ = Assert.Throws<ArgumentException>(() => aead.Seal(row.Hex("nonce"), plaintext, ciphertext, tag, row.Hex("aad")));
                continue;
            }

            aead.Seal(row.Hex("nonce"), plaintext, ciphertext, tag, row.Hex("aad"));
            Assert.Equal(row.Hex("ciphertext"), ciphertext);
            Assert.Equal(row.Hex("tag"), tag);

            byte[] opened = new byte[plaintext.Length];
            Assert.True(aead.Open(row.Hex("nonce"), ciphertext, tag, opened, row.Hex("aad")));
            Assert.Equal(plaintext, opened);
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Wycheproof_holds(string name)
    {
        foreach ((_, JsonElement test) in Vectors.Wycheproof("chacha20_poly1305_test.json"))
        {
            using Aead aead = Engines.ByName(name).CreateChaCha20Poly1305(test.Hex("key"));
            byte[] message = test.Hex("msg");
            byte[] opened = new byte[message.Length];
            bool valid = test.Text("result") == "valid";
            Assert.True(valid == aead.Open(test.Hex("iv"), test.Hex("ct"), test.Hex("tag"), opened, test.Hex("aad")), test.Label());
            Assert.True(opened.SequenceEqual(valid ? message : new byte[message.Length]), test.Label());
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Every_length_agrees_with_the_platform_in_place_and_apart(string name)
    {
        Random random = new(8439);
        byte[] key = new byte[Aead.KeySize];
        byte[] nonce = new byte[Aead.NonceSize];
        random.NextBytes(key);
        using Aead aead = Engines.ByName(name).CreateChaCha20Poly1305(key);
        using Aead platform = CryptoEngine.Platform.CreateChaCha20Poly1305(key);

        // All short ones, and every neighbourhood of 1, 2, 4, 8 and 16 blocks and of larger steps.
        IEnumerable<int> lengths = Enumerable.Range(0, 301)
            .Concat(new[] { 512, 768, 1024, 1536, 2048, 3072, 4096, 65519 }.SelectMany(n => Enumerable.Range(n - 17, 35)));
        foreach (int length in lengths)
        {
            random.NextBytes(nonce);
            byte[] plaintext = new byte[length];
            byte[] associated = new byte[random.Next(0, 40)];
            random.NextBytes(plaintext);
            random.NextBytes(associated);
            byte[] expected = new byte[length];
            byte[] expectedTag = new byte[Aead.TagSize];
            platform.Seal(nonce, plaintext, expected, expectedTag, associated);

            // At an odd offset, so that nothing is aligned, and with guards on both sides.
            byte[] buffer = new byte[length + 32];
            Span<byte> inPlace = buffer.AsSpan(7, length);
            byte[] tag = new byte[Aead.TagSize];
            plaintext.CopyTo(inPlace);
            aead.Seal(nonce, inPlace, inPlace, tag, associated);
            Assert.True(inPlace.SequenceEqual(expected), $"length {length}");
            Assert.Equal(expectedTag, tag);
            Assert.False(buffer.AsSpan(0, 7).ContainsAnyExcept((byte)0));
            Assert.False(buffer.AsSpan(7 + length).ContainsAnyExcept((byte)0));

            Assert.True(aead.Open(nonce, inPlace, tag, inPlace, associated), $"length {length}");
            Assert.True(inPlace.SequenceEqual(plaintext), $"length {length}");

            byte[] apart = new byte[length];
            aead.Seal(nonce, plaintext, apart, tag, associated);
            Assert.Equal(expected, apart);
            Assert.Equal(expectedTag, tag);
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Any_changed_bit_is_noticed_and_leaves_no_plaintext(string name)
    {
        Random random = new(1305);
        byte[] key = new byte[Aead.KeySize];
        byte[] nonce = new byte[Aead.NonceSize];
        random.NextBytes(key);
        using Aead aead = Engines.ByName(name).CreateChaCha20Poly1305(key);
        foreach (int length in new[] { 0, 1, 16, 63, 64, 65, 1000 })
        {
            byte[] frame = new byte[length + Aead.TagSize];
            byte[] associated = [1, 2, 3];
            random.NextBytes(frame);
            aead.Seal(nonce, frame.AsSpan(0, length), frame.AsSpan(0, length), frame.AsSpan(length), associated);
            for (int i = 0; i < 64; i++)
            {
                byte[] changed = [.. frame];
                int bit = i == 0 ? (8 * frame.Length) - 1 : random.Next(0, 8 * frame.Length);
                changed[bit >> 3] ^= (byte)(1 << (bit & 7));
                Span<byte> text = changed.AsSpan(0, length);
                Assert.False(aead.Open(nonce, text, changed.AsSpan(length), text, associated));
                Assert.False(text.ContainsAnyExcept((byte)0));
            }

            byte[] opened = new byte[length];
            Assert.False(aead.Open(nonce, frame.AsSpan(0, length), frame.AsSpan(length), opened, [1, 2, 4]));
            Assert.False(aead.Open([.. nonce.AsSpan(1), 1], frame.AsSpan(0, length), frame.AsSpan(length), opened, associated));
            Assert.True(aead.Open(nonce, frame.AsSpan(0, length), frame.AsSpan(length), opened, associated));
        }
    }

    [Theory, EngineData, LibsodiumData]
    public void Wrong_lengths_and_shifted_overlaps_throw(string name)
    {
        CryptoEngine engine = Engines.ByName(name);
        _ = Assert.Throws<ArgumentException>(() => engine.CreateChaCha20Poly1305(new byte[31]));
        using Aead aead = engine.CreateChaCha20Poly1305(new byte[32]);
        byte[] b = new byte[64];
        _ = Assert.Throws<ArgumentException>(() => aead.Seal(new byte[8], b, b, new byte[16]));
        _ = Assert.Throws<ArgumentException>(() => aead.Seal(new byte[12], b, b, new byte[15]));
        _ = Assert.Throws<ArgumentException>(() => aead.Seal(new byte[12], b, b.AsSpan(1), new byte[16]));
        _ = Assert.Throws<ArgumentException>(() => aead.Seal(new byte[12], b.AsSpan(0, 32), b.AsSpan(1, 32), new byte[16]));
        _ = Assert.Throws<ArgumentException>(() => aead.Open(new byte[12], b.AsSpan(1, 32), new byte[16], b.AsSpan(0, 32)));
    }

    [Theory, EngineData, LibsodiumData]
    public void A_disposed_cipher_throws(string name)
    {
        Aead aead = Engines.ByName(name).CreateChaCha20Poly1305(new byte[32]);
        aead.Dispose();
        aead.Dispose();
        _ = Assert.Throws<ObjectDisposedException>(() => aead.Seal(new byte[12], [], [], new byte[16]));
        _ = Assert.Throws<ObjectDisposedException>(() => aead.Open(new byte[12], [], new byte[16], []));
    }
}
