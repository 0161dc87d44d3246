using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Security.Noise;

/// <summary>Decrypts the frames of a link. Owns the link's input and the key.</summary>
internal sealed class NoiseReader(PipeReader link, CipherState cipher) : DecryptingReader(link)
{
    protected override bool DecryptFrames(ReadOnlySequence<byte> received, ref long consumed)
    {
        while (TryTakeFrame(received.Slice(consumed), out ReadOnlySequence<byte> message))
        {
            Decrypt(message, expected: received.Length - consumed);
            consumed += NoiseFrame.HeaderSize + message.Length;
        }

        return false;
    }

    protected override Exception Truncated(long bytes)
    {
        string message = $"The link ended {bytes} bytes into a Noise frame";
        return new ConnectionClosedException(message, new EndReason(EndedBy.Link, ErrorCode.None, message));
    }

    protected override void ReleaseKeys() => cipher.Dispose();

    private static bool TryTakeFrame(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> message)
    {
        message = default;

        if (received.Length < NoiseFrame.HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[NoiseFrame.HeaderSize];
        received.Slice(0, header.Length).CopyTo(header);
        int length = (header[0] << 8) | header[1];

        if (length < CipherState.TagSize)
        {
            throw new ProtocolViolationException($"A Noise frame of {length} bytes is shorter than its tag");
        }

        if (received.Length < NoiseFrame.HeaderSize + length)
        {
            return false;
        }

        message = received.Slice(NoiseFrame.HeaderSize, length);
        return true;
    }

    private void Decrypt(ReadOnlySequence<byte> message, long expected)
    {
        int size = (int)message.Length - CipherState.TagSize;
        Span<byte> plaintext = size == 0 ? [] : Plaintext.GetRoom(size, expected); // an empty frame is legal, and no end
        bool authentic;

        if (message.IsSingleSegment)
        {
            authentic = cipher.TryDecrypt(message.FirstSpan[..size], message.FirstSpan[size..], plaintext);
        }
        else
        {
            // Gathered where it is decrypted: the cipher works in place, and the tag stays aside.
            Span<byte> tag = stackalloc byte[CipherState.TagSize];
            message.Slice(0, size).CopyTo(plaintext);
            message.Slice(size).CopyTo(tag);
            authentic = cipher.TryDecrypt(plaintext, tag, plaintext);
        }

        if (!authentic)
        {
            throw new ProtocolViolationException($"Noise message {cipher.Count} after the handshake is not authentic");
        }

        if (size > 0)
        {
            Plaintext.Append(size);
        }
    }
}
