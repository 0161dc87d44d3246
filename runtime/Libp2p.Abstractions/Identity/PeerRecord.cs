using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// Where a peer says it can be reached (https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md). Worth something
/// only under the peer's signature: <see cref="SealAsync"/> and <see cref="OpenAsync"/>. Immutable.
/// <code>
/// message PeerRecord { bytes peer_id = 1; uint64 seq = 2; repeated AddressInfo addresses = 3; }
/// message AddressInfo { bytes multiaddr = 1; }
/// </code>
/// </summary>
public sealed partial class PeerRecord
{
    /// <summary>The longest record, in bytes.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>The most addresses in a record, those skipped included.</summary>
    public const int MaxAddresses = 1024;

    private const string FormatName = "peer record";

    /// <summary>Makes a record.</summary>
    /// <param name="peer">Whose addresses they are.</param>
    /// <param name="sequence">Greater than that of the peer's previous record: see <see cref="PeerRecordSequence"/>.</param>
    /// <param name="addresses">The addresses, without the peer's own id at their end; may be none.</param>
    /// <exception cref="ArgumentException">There are too many addresses, an empty one is among them, or they are too long together.</exception>
    public PeerRecord(PeerId peer, ulong sequence, IEnumerable<Multiaddress> addresses)
        : this(peer, sequence, [.. addresses], 0)
    {
        ArgumentNullException.ThrowIfNull(peer);

        if (Addresses.Count > MaxAddresses || Addresses.Any(static address => address.IsEmpty))
        {
            throw new ArgumentException("A record has at most 1024 addresses, none of them empty.", nameof(addresses));
        }

        if (PeerRecordProtobuf.GetLength(this) > MaxLength)
        {
            throw new ArgumentException("With these addresses the record is longer than 64 KiB.", nameof(addresses));
        }
    }

    private PeerRecord(PeerId peer, ulong sequence, ImmutableArray<Multiaddress> addresses, int skippedAddresses)
    {
        Peer = peer;
        Sequence = sequence;
        Addresses = addresses;
        SkippedAddresses = skippedAddresses;
    }

    /// <summary>Whose record it is.</summary>
    public PeerId Peer { get; }

    /// <summary>
    /// Of two records of one peer that with the greater number holds. Nothing more: some count nanoseconds, others milliseconds or
    /// seconds, so numbers of different peers do not compare, nor a number with the clock.
    /// </summary>
    public ulong Sequence { get; }

    /// <summary>The addresses, in the order of the record.</summary>
    public IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>How many addresses the record held that are none known to us.</summary>
    public int SkippedAddresses { get; }

    /// <summary>Reads a record. Addresses that cannot be read are left out and counted: protocols are registered all the time.</summary>
    /// <exception cref="MultiformatException">It is malformed or exceeds a limit.</exception>
    public static PeerRecord Parse(ReadOnlySpan<byte> message)
    {
        if (!TryParse(message, out PeerRecord? record, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return record;
    }

    /// <summary>As <see cref="Parse"/>, without throwing.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out PeerRecord? record) =>
        TryParse(message, out record, out _);

    /// <summary>As <see cref="Parse"/>, without throwing; says why not.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, [NotNullWhen(true)] out PeerRecord? record, out MultiformatError error)
    {
        ImmutableArray<Multiaddress>.Builder addresses = ImmutableArray.CreateBuilder<Multiaddress>(0);
        record = PeerRecordProtobuf.TryRead(message, addresses, out PeerId? peer, out ulong sequence, out int skipped, out error)
            ? new PeerRecord(peer, sequence, addresses.DrainToImmutable(), skipped)
            : null;
        return record is not null;
    }

    /// <summary>The record as on the wire, in a new array.</summary>
    public byte[] ToBytes() => PeerRecordProtobuf.Write(this);

    /// <summary>Peer, sequence and number of addresses, for people.</summary>
    public override string ToString() => $"record {Sequence} of {Peer}, {Addresses.Count} addresses";
}
