using System.Buffers;

namespace Libp2p.Security.Tls;

/// <summary>
/// Where a record begins and ends (https://www.rfc-editor.org/rfc/rfc8446#section-5.1). What it holds is <c>SslStream</c>'s affair.
/// <code>
/// type (8 bits) | version (16) | length (16, big-endian, of what follows) | fragment
/// </code>
/// </summary>
internal static class TlsRecord
{
    /// <summary>Bytes before the fragment.</summary>
    public const int HeaderSize = 5;

    /// <summary>Bytes of plaintext that one record carries at the most.</summary>
    public const int MaxPlaintext = 16 * 1024;

    /// <summary>Bytes of the longest fragment: plaintext, its type, padding and the tag.</summary>
    public const int MaxFragment = MaxPlaintext + 256;

    /// <summary>The type of an alert that is not encrypted.</summary>
    public const byte Alert = 21;

    /// <summary>The type of a handshake message that is not encrypted.</summary>
    public const byte Handshake = 22;

    private const byte FirstType = 20, LastType = 23;
    private const byte MajorVersion = 3;

    /// <summary>Takes the first record, if it is there as a whole.</summary>
    /// <param name="received">What arrived.</param>
    /// <param name="record">The record, header included.</param>
    /// <exception cref="ProtocolViolationException">These bytes begin no record, or one that is too long; thrown before it has arrived.</exception>
    public static bool TryTake(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> record)
    {
        record = default;
        Span<byte> header = stackalloc byte[HeaderSize];
        int there = (int)Math.Min(received.Length, HeaderSize);
        received.Slice(0, there).CopyTo(header);

        if ((there > 0 && header[0] is < FirstType or > LastType) || (there > 1 && header[1] != MajorVersion))
        {
            throw new ProtocolViolationException(
                $"Bytes that begin with 0x{Convert.ToHexStringLower(header[..there])} are no TLS record: the remote speaks another protocol, or its bytes were changed");
        }

        if (there < HeaderSize)
        {
            return false;
        }

        int length = (header[3] << 8) | header[4];

        if (length > MaxFragment)
        {
            throw new ProtocolViolationException($"A TLS record has {length} bytes, of which {MaxFragment} are allowed");
        }

        if (received.Length < HeaderSize + length)
        {
            return false;
        }

        record = received.Slice(0, HeaderSize + length);
        return true;
    }

    /// <summary>The type of a record that was taken.</summary>
    public static byte TypeOf(ReadOnlySequence<byte> record) => record.FirstSpan[0];
}
