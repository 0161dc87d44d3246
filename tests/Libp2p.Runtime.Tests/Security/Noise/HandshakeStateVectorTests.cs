using System.Text.Json;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Security.Noise;

namespace Libp2p.Tests.Security.Noise;

/// <summary>The handshake and the messages after it, byte for byte, by the vectors of cacophony and snow.</summary>
public sealed class HandshakeStateVectorTests
{
    private static readonly JsonElement[] s_vectors =
        [.. VectorFile.Read("noise", "noise_xx_25519_chachapoly_sha256.json").GetProperty("vectors").EnumerateArray()];

    public static TheoryData<int, string> Cases
    {
        get
        {
            TheoryData<int, string> cases = [];

            for (int i = 0; i < s_vectors.Length; i++)
            {
                cases.Add(i, "portable");
                cases.Add(i, "default");
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_message_is_that_of_the_vector(int index, string engineName)
    {
        JsonElement vector = s_vectors[index];
        CryptoEngine engine = engineName == "portable" ? CryptoEngine.Portable : CryptoEngine.Default;
        using HandshakeState initiator = Begin(engine, vector, ConnectionRole.Initiator, "init");
        using HandshakeState responder = Begin(engine, vector, ConnectionRole.Responder, "resp");
        JsonElement[] messages = [.. vector.GetProperty("messages").EnumerateArray()];

        for (int i = 0; i < 3; i++)
        {
            byte[] payload = messages[i].Hex("payload");
            byte[] message = new byte[payload.Length + HandshakeState.MaxOverhead];
            int length = (i % 2 == 0 ? initiator : responder).WriteMessage(payload, message);
            Assert.Equal(messages[i].Hex("ciphertext"), message[..length]);

            byte[] read = new byte[length];
            int size = (i % 2 == 0 ? responder : initiator).ReadMessage(message.AsSpan(0, length), read);
            Assert.Equal(payload, read[..size]);
        }

        Assert.True(initiator.IsComplete && responder.IsComplete);
        Assert.Equal(initiator.Hash.ToArray(), responder.Hash.ToArray());

        if (vector.TryGetProperty("handshake_hash", out JsonElement hash))
        {
            Assert.Equal(Convert.FromHexString(hash.GetString()!), initiator.Hash.ToArray());
        }

        (CipherState initiatorSends, CipherState initiatorReceives) = initiator.Split();
        (CipherState responderSends, CipherState responderReceives) = responder.Split();

        for (int i = 3; i < messages.Length; i++)
        {
            bool odd = i % 2 == 1;
            byte[] plaintext = messages[i].Hex("payload");
            byte[] message = new byte[plaintext.Length + CipherState.TagSize];
            (odd ? responderSends : initiatorSends).Encrypt(plaintext, message.AsSpan(0, plaintext.Length), message.AsSpan(plaintext.Length));
            Assert.Equal(messages[i].Hex("ciphertext"), message);

            Assert.True((odd ? initiatorReceives : responderReceives)
                .TryDecrypt(message.AsSpan(0, plaintext.Length), message.AsSpan(plaintext.Length), message.AsSpan(0, plaintext.Length)));
            Assert.Equal(plaintext, message[..plaintext.Length]);
        }
    }

    private static HandshakeState Begin(CryptoEngine engine, JsonElement vector, ConnectionRole role, string prefix) => new(
        engine, role, vector.Hex(prefix + "_prologue"), vector.Hex(prefix + "_static"), vector.Hex(prefix + "_ephemeral"));
}
