using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Libp2p.Crypto.Portable;

/// <summary>ChaCha20-Poly1305 (RFC 8439 §2.8): the first block keys the authenticator, the next ones encrypt.</summary>
internal sealed class PortableAead : Aead
{
    // Pinned, so that the collector leaves no copies behind.
    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeySize, pinned: true);

    public PortableAead(ReadOnlySpan<byte> key) => key.CopyTo(_key);

    [SkipLocalsInit]
    protected override void SealCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> plaintext,
        Span<byte> ciphertext,
        Span<byte> tag,
        ReadOnlySpan<byte> associatedData)
    {
        Span<uint> state = stackalloc uint[ChaCha20Cipher.StateWords];
        Span<byte> stream = stackalloc byte[ChaCha20Cipher.MaxChunk];
        stream = Begin(state, nonce, stream);

        Poly1305 authenticator = new(stream);
        Crypt(state, stream, plaintext, ciphertext);
        Authenticate(ref authenticator, ciphertext, associatedData, tag);
        Wipe(state, stream);
    }

    [SkipLocalsInit]
    protected override bool OpenCore(
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> tag,
        Span<byte> plaintext,
        ReadOnlySpan<byte> associatedData)
    {
        Span<uint> state = stackalloc uint[ChaCha20Cipher.StateWords];
        Span<byte> stream = stackalloc byte[ChaCha20Cipher.MaxChunk];
        stream = Begin(state, nonce, stream);

        Poly1305 authenticator = new(stream);
        Span<byte> expected = stackalloc byte[TagSize];
        Authenticate(ref authenticator, ciphertext, associatedData, expected);
        bool genuine = CryptographicOperations.FixedTimeEquals(expected, tag);
        if (genuine)
        {
            Crypt(state, stream, ciphertext, plaintext);
        }

        Wipe(state, stream);
        return genuine;
    }

    protected override void Dispose(bool disposing) => CryptographicOperations.ZeroMemory(_key);

    /// <summary>The first chunk of keystream: 32 bytes of authenticator key, 32 unused, and what follows for the message.</summary>
    private Span<byte> Begin(Span<uint> state, ReadOnlySpan<byte> nonce, Span<byte> buffer)
    {
        ChaCha20Cipher.Initialize(state, _key, nonce);
        Span<byte> stream = buffer[..ChaCha20Cipher.Chunk];
        stream.Clear();
        ChaCha20Cipher.Xor(state, stream, stream);
        return stream;
    }

    /// <summary>Starts with what the first chunk left over, goes on in whole chunks, and ends with a part of one.</summary>
    private static void Crypt(Span<uint> state, Span<byte> stream, ReadOnlySpan<byte> input, Span<byte> output)
    {
        int done = XorBytes(stream[ChaCha20Cipher.BlockSize..], input, output);
        int whole = (input.Length - done) / ChaCha20Cipher.Chunk * ChaCha20Cipher.Chunk;
        if (whole > 0)
        {
            ChaCha20Cipher.Xor(state, input.Slice(done, whole), output.Slice(done, whole));
            done += whole;
        }

        if (done < input.Length)
        {
            stream.Clear();
            ChaCha20Cipher.Xor(state, stream, stream);
            _ = XorBytes(stream, input[done..], output[done..]);
        }
    }

    /// <summary>Uses as much of the keystream as there is input for, and says how much that was.</summary>
    private static int XorBytes(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> input, Span<byte> output)
    {
        int length = Math.Min(stream.Length, input.Length);
        int i = 0;
        for (; i <= length - sizeof(ulong); i += sizeof(ulong))
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(input[i..]) ^ BinaryPrimitives.ReadUInt64LittleEndian(stream[i..]);
            BinaryPrimitives.WriteUInt64LittleEndian(output[i..], word);
        }

        for (; i < length; i++)
        {
            output[i] = (byte)(input[i] ^ stream[i]);
        }

        return length;
    }

    private static void Authenticate(
        ref Poly1305 authenticator,
        ReadOnlySpan<byte> ciphertext,
        ReadOnlySpan<byte> associatedData,
        Span<byte> tag)
    {
        authenticator.UpdatePadded(associatedData);
        authenticator.UpdatePadded(ciphertext);
        authenticator.UpdateLengths(associatedData.Length, ciphertext.Length);
        authenticator.Finish(tag);
    }

    private static void Wipe(Span<uint> state, Span<byte> stream)
    {
        Secret.Wipe(state);
        Secret.Wipe(stream);
    }
}
