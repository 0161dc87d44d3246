using System.Buffers.Binary;
using Libp2p.Crypto;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

/// <summary>Two ends of a link after a handshake, and the ciphertext between them.</summary>
internal sealed class NoiseLinkPair
{
    private static readonly byte[] s_firstKey = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] s_secondKey = [.. Enumerable.Repeat((byte)2, 32)];

    public NoiseLinkPair(MemoryLinkPair? below = null, ulong nonce = 0)
    {
        Below = below ?? new MemoryLinkPair();
        First = new NoiseLink(Below.First, Cipher(s_firstKey, nonce), Cipher(s_secondKey, nonce));
        Second = new NoiseLink(Below.Second, Cipher(s_secondKey, nonce), Cipher(s_firstKey, nonce));
    }

    public MemoryLinkPair Below { get; }

    public NoiseLink First { get; }

    public NoiseLink Second { get; }

    /// <summary>A frame as the first end would send it.</summary>
    public static byte[] Frame(ulong nonce, byte[] plaintext)
    {
        using CipherState cipher = Cipher(s_firstKey, nonce);
        byte[] frame = new byte[plaintext.Length + NoiseFrame.Overhead];
        BinaryPrimitives.WriteUInt16BigEndian(frame, (ushort)(plaintext.Length + CipherState.TagSize));
        cipher.Encrypt(plaintext, frame.AsSpan(2, plaintext.Length), frame.AsSpan(2 + plaintext.Length));
        return frame;
    }

    /// <summary>Sends bytes to the second end as if the first had written them.</summary>
    public async Task InjectAsync(params byte[][] frames) => await Below.First.Output.WriteAsync(frames.SelectMany(f => f).ToArray());

    /// <summary>Lengths of the messages in a run of frames.</summary>
    public static List<int> Lengths(byte[] frames)
    {
        List<int> lengths = [];

        for (int at = 0; at < frames.Length; at += NoiseFrame.HeaderSize + lengths[^1])
        {
            lengths.Add(BinaryPrimitives.ReadUInt16BigEndian(frames.AsSpan(at)));
        }

        return lengths;
    }

    private static CipherState Cipher(byte[] key, ulong nonce) => new(CryptoEngine.Default, key, nonce);
}
