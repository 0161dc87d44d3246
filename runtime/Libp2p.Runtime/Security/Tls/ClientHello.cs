using System.Buffers;
using System.Buffers.Binary;

namespace Libp2p.Security.Tls;

/// <summary>
/// What a client offers in its first message (https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2): only what we decide before
/// <c>SslStream</c> sees it. Everything else in it is <c>SslStream</c>'s affair.
/// <code>
/// 1 (8 bits) | length (24) | version (16) | random (32 bytes) | session id (8-bit length) | cipher suites (16-bit length)
///   | compression methods (8-bit length) | extensions (16-bit length): type (16) | length (16) | data
/// ALPN, type 16 (RFC 7301): length (16) | names, each behind its length (8)
/// </code>
/// </summary>
/// <param name="Protocols">The names of ALPN in the client's order; null when the extension is absent.</param>
/// <param name="HasServerName">Whether it names a server (SNI), which libp2p does not.</param>
internal sealed record ClientHello(IReadOnlyList<ReadOnlyMemory<byte>>? Protocols, bool HasServerName)
{
    /// <summary>The longest message read, of a client that nobody has authenticated. One with a post-quantum key share takes about 1,500 bytes.</summary>
    public const int MaxSize = 16 * 1024;

    /// <summary>The most records that it may be cut into: each costs us more than its sender, as all are read again when more arrives.</summary>
    public const int MaxRecords = 64;

    private const byte MessageType = 1;
    private const int MessageHeader = 4;
    private const ushort ServerNameExtension = 0;
    private const ushort AlpnExtension = 16;

    /// <summary>Reads the message from the records that a client sends first.</summary>
    /// <param name="received">What arrived.</param>
    /// <returns>The message; null while it has not arrived as a whole.</returns>
    /// <exception cref="ProtocolViolationException">What arrived is no ClientHello, or one that is too long.</exception>
    public static ClientHello? TryRead(ReadOnlySequence<byte> received)
    {
        ArrayBufferWriter<byte>? joined = null;

        for (int count = 0; TlsRecord.TryTake(received, out ReadOnlySequence<byte> record); count++)
        {
            if (count == MaxRecords)
            {
                throw new ProtocolViolationException($"The remote's ClientHello is cut into more than {MaxRecords} records");
            }

            if (TlsRecord.TypeOf(record) != TlsRecord.Handshake)
            {
                throw new ProtocolViolationException($"The TLS handshake begins with a record of type {TlsRecord.TypeOf(record)}, not with a ClientHello");
            }

            joined ??= new ArrayBufferWriter<byte>((int)record.Length);
            foreach (ReadOnlyMemory<byte> part in record.Slice(TlsRecord.HeaderSize))
            {
                joined.Write(part.Span);
            }

            if (IsWhole(joined.WrittenSpan))
            {
                return Parse(joined.WrittenMemory) ?? throw new ProtocolViolationException("The remote's ClientHello is malformed");
            }

            received = received.Slice(record.End);
        }

        return null;
    }

    private static bool IsWhole(ReadOnlySpan<byte> message)
    {
        if (message.Length > 0 && message[0] != MessageType)
        {
            throw new ProtocolViolationException($"The TLS handshake begins with a message of type {message[0]}, not with a ClientHello");
        }

        if (message.Length < MessageHeader)
        {
            return false;
        }

        int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(message) & 0xFF_FFFF);
        return length <= MaxSize
            ? message.Length >= MessageHeader + length
            : throw new ProtocolViolationException($"The remote's ClientHello has {length} bytes, of which {MaxSize} are allowed");
    }

    private static ClientHello? Parse(ReadOnlyMemory<byte> message)
    {
        int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(message.Span) & 0xFF_FFFF);
        ReadOnlyMemory<byte> rest = message.Slice(MessageHeader, length);
        const int VersionAndRandom = 2 + 32;

        if (rest.Length < VersionAndRandom)
        {
            return null;
        }

        rest = rest[VersionAndRandom..];
        if (!TryTakeVector(ref rest, 1, out _) || !TryTakeVector(ref rest, 2, out _) || !TryTakeVector(ref rest, 1, out _))
        {
            return null;
        }

        if (rest.IsEmpty)
        {
            return new ClientHello(null, HasServerName: false); // extensions may be left out; TLS 1.3 then fails in SslStream
        }

        return TryTakeVector(ref rest, 2, out ReadOnlyMemory<byte> extensions) && rest.IsEmpty ? ParseExtensions(extensions) : null;
    }

    private static ClientHello? ParseExtensions(ReadOnlyMemory<byte> extensions)
    {
        List<ReadOnlyMemory<byte>>? protocols = null;
        bool hasServerName = false;

        while (!extensions.IsEmpty)
        {
            if (extensions.Length < sizeof(ushort))
            {
                return null;
            }

            ushort type = BinaryPrimitives.ReadUInt16BigEndian(extensions.Span);
            extensions = extensions[sizeof(ushort)..];
            if (!TryTakeVector(ref extensions, 2, out ReadOnlyMemory<byte> data))
            {
                return null;
            }

            hasServerName |= type == ServerNameExtension;
            if (type == AlpnExtension && (protocols is not null || (protocols = ParseNames(data)) is null))
            {
                return null;
            }
        }

        return new ClientHello(protocols, hasServerName);
    }

    /// <summary>Bounded by the message: names have a byte at least, and are not copied.</summary>
    private static List<ReadOnlyMemory<byte>>? ParseNames(ReadOnlyMemory<byte> data)
    {
        List<ReadOnlyMemory<byte>> names = [];

        if (!TryTakeVector(ref data, 2, out ReadOnlyMemory<byte> list) || !data.IsEmpty || list.IsEmpty)
        {
            return null;
        }

        while (!list.IsEmpty)
        {
            if (!TryTakeVector(ref list, 1, out ReadOnlyMemory<byte> name) || name.IsEmpty)
            {
                return null;
            }

            names.Add(name);
        }

        return names;
    }

    /// <summary>Takes what stands behind its length.</summary>
    private static bool TryTakeVector(ref ReadOnlyMemory<byte> rest, int lengthBytes, out ReadOnlyMemory<byte> vector)
    {
        vector = default;

        if (rest.Length < lengthBytes)
        {
            return false;
        }

        int length = lengthBytes == 1 ? rest.Span[0] : BinaryPrimitives.ReadUInt16BigEndian(rest.Span);
        if (rest.Length - lengthBytes < length)
        {
            return false;
        }

        vector = rest.Slice(lengthBytes, length);
        rest = rest[(lengthBytes + length)..];
        return true;
    }
}
