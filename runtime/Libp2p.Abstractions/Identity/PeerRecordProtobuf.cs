using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;
using Libp2p.Protobuf;

namespace Libp2p;

/// <summary>
/// Reader and writer of the <c>PeerRecord</c> message.
/// <code>
/// 0a | length | peer id | 10 | seq (varint) | ( 1a | length | 0a | length | multiaddr )*
/// </code>
/// A sequence of 0 is left out, as all implementations do.
/// </summary>
internal static class PeerRecordProtobuf
{
    private const int PeerField = 1;
    private const int SequenceField = 2;
    private const int AddressesField = 3;
    private const int MultiaddressField = 1;
    private const int MaxSequenceLength = 11;

    public static byte[] Write(PeerRecord record)
    {
        ArrayBufferWriter<byte> output = new(GetLength(record));
        output.WriteField(PeerField, record.Peer.Bytes);

        if (record.Sequence != 0)
        {
            output.WriteField(SequenceField, record.Sequence);
        }

        foreach (Multiaddress address in record.Addresses)
        {
            int length = ProtobufFieldWriter.GetFieldLength(MultiaddressField, address.Bytes.Length);
            output.WriteFieldStart(AddressesField, length);
            output.WriteField(MultiaddressField, address.Bytes);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The most bytes the message takes.</summary>
    public static int GetLength(PeerRecord record) =>
        ProtobufFieldWriter.GetFieldLength(PeerField, record.Peer.Bytes.Length)
        + MaxSequenceLength
        + record.Addresses.Sum(static address => ProtobufFieldWriter.GetFieldLength(
            AddressesField, ProtobufFieldWriter.GetFieldLength(MultiaddressField, address.Bytes.Length)));

    public static bool TryRead(
        ReadOnlySpan<byte> message,
        ImmutableArray<Multiaddress>.Builder addresses,
        [NotNullWhen(true)] out PeerId? peer,
        out ulong sequence,
        out int skipped,
        out MultiformatError error)
    {
        ReadOnlySpan<byte> id = default;
        peer = null;
        sequence = 0;
        skipped = 0;

        if (message.Length > PeerRecord.MaxLength)
        {
            error = new MultiformatError(PeerRecord.MaxLength, "longer than 64 KiB");
            return false;
        }

        ProtobufFieldReader fields = new(message);

        while (fields.Read())
        {
            if (fields.Is(PeerField))
            {
                id = fields.Bytes;
            }
            else if (fields.IsNumber(SequenceField))
            {
                sequence = fields.Number;
            }
            else if (fields.Is(AddressesField))
            {
                if (!TryReadAddress(fields, addresses, ref skipped, out error))
                {
                    return false;
                }
            }
        }

        if (fields.IsMalformed)
        {
            error = new MultiformatError(fields.Position, "no protobuf message");
            return false;
        }

        bool hasPeer = PeerId.TryFromBytes(id, out peer, out error);
        error = hasPeer ? default : new MultiformatError(0, "the peer id is missing or none");
        return hasPeer;
    }

    private static bool TryReadAddress(
        ProtobufFieldReader fields, ImmutableArray<Multiaddress>.Builder addresses, ref int skipped, out MultiformatError error)
    {
        error = default;

        if (addresses.Count + skipped == PeerRecord.MaxAddresses)
        {
            error = new MultiformatError(fields.Position, "more than 1024 addresses");
            return false;
        }

        ProtobufFieldReader info = new(fields.Bytes);
        ReadOnlySpan<byte> bytes = default;

        while (info.Read())
        {
            if (info.Is(MultiaddressField))
            {
                bytes = info.Bytes;
            }
        }

        if (info.IsMalformed)
        {
            error = new MultiformatError(fields.Position + info.Position, "no protobuf message");
            return false;
        }

        if (Multiaddress.TryFromBytes(bytes, out Multiaddress? address))
        {
            addresses.Add(address);
        }
        else
        {
            skipped++;
        }

        return true;
    }
}
