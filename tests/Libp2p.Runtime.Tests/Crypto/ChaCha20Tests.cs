using System.Text.Json;
using Libp2p.Crypto.Portable;

namespace Libp2p.Tests.Crypto;

public class ChaCha20Tests
{
    [Fact]
    public void Every_width_makes_the_same_keystream()
    {
        Random random = new(20);
        uint[] state = new uint[ChaCha20Cipher.StateWords];
        for (int i = 0; i < state.Length; i++)
        {
            state[i] = (uint)random.NextInt64(0, 1L << 32);
        }

        // The second counter wraps within the message: 32 bits, as RFC 8439 has it.
        foreach (uint counter in new[] { 1u, uint.MaxValue - 2 })
        {
            state[12] = counter;
            byte[] input = new byte[3 * ChaCha20Cipher.MaxChunk];
            random.NextBytes(input);
            byte[] scalar = new byte[input.Length];
            byte[] by128 = new byte[input.Length];
            byte[] by256 = new byte[input.Length];
            ChaCha20Cipher.XorScalar(state, input, scalar);
            ChaCha20Cipher.Xor128(state, input, by128);
            ChaCha20Cipher.Xor256(state, input, by256);
            Assert.Equal(scalar, by128);
            Assert.Equal(scalar, by256);
        }
    }

    [Fact]
    public void Rfc_8439_authenticator_holds()
    {
        foreach (JsonElement row in Vectors.Load("rfc8439_chacha20_poly1305.json").GetProperty("poly1305").EnumerateArray())
        {
            byte[] tag = new byte[Poly1305.TagSize];
            Poly1305 authenticator = new(row.Hex("key"));
            authenticator.UpdateLast(row.Hex("input"));
            authenticator.Finish(tag);
            Assert.Equal(row.Hex("mac"), tag);
        }
    }
}
