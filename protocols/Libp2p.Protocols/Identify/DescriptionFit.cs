namespace Libp2p.Protocols.Identify;

/// <summary>
/// What of a description goes into one message: a pure function. When not everything fits, the parts that others need to reach the node
/// are dropped last. In this order, each until the room is used up, and whatever fits alone:
/// <list type="number">
/// <item>the ids of identify itself, without which nobody asks and no change can be pushed;</item>
/// <item>the signed record;</item>
/// <item>the best addresses: at most <see cref="MaxFirstAddresses"/> in at most two thirds of the room;</item>
/// <item>libp2p's own protocols (<c>/ipfs/…</c>, <c>/libp2p/…</c>), then those of the application, in the order of registration;</item>
/// <item>further addresses.</item>
/// </list>
/// </summary>
/// <param name="Protocols">Those that fit, in the order given.</param>
/// <param name="Addresses">Those that fit, in the order given.</param>
/// <param name="Signs">Whether there is room for the record.</param>
/// <param name="OmittedProtocols">Those that do not fit.</param>
/// <param name="OmittedAddresses">How many addresses do not fit.</param>
internal sealed record DescriptionFit(
    IReadOnlyList<ProtocolId> Protocols,
    IReadOnlyList<Multiaddress> Addresses,
    bool Signs,
    IReadOnlyList<ProtocolId> OmittedProtocols,
    int OmittedAddresses)
{
    /// <summary>Addresses that come before the protocols.</summary>
    public const int MaxFirstAddresses = 16;

    /// <summary>Addresses, and protocols, of one description: what go keeps.</summary>
    public const int MaxElements = 1024;

    private const int RoomForAnAddress = 64; // a record without an address says nothing

    /// <summary>Chooses.</summary>
    /// <param name="room">Bytes for all that is chosen here.</param>
    /// <param name="record">Bytes of a record without addresses; null: the node signs none.</param>
    /// <param name="protocols">All protocols, in the order of registration.</param>
    /// <param name="addresses">All addresses that the receiver may be told; none empty.</param>
    public static DescriptionFit Choose(int room, int? record, IReadOnlyList<ProtocolId> protocols, IReadOnlyList<Multiaddress> addresses)
    {
        HashSet<ProtocolId> toldProtocols = []; // only looked up, never enumerated
        HashSet<Multiaddress> toldAddresses = [];
        Take(protocols.Where(static id => RankOf(id) == 0));

        bool signs = record is { } overhead && room > overhead + (addresses.Count > 0 ? RoomForAnAddress : 0);
        room -= signs ? record!.Value : 0;

        Multiaddress[] best = [.. addresses.Distinct().OrderBy(RankOf)];
        int kept = room - (room * 2 / 3);
        TakeAddresses(best, MaxFirstAddresses, keep: kept);
        Take(protocols.OrderBy(RankOf));
        TakeAddresses(best, MaxElements, keep: 0);
        return new DescriptionFit(
            [.. protocols.Where(toldProtocols.Contains)],
            [.. addresses.Distinct().Where(toldAddresses.Contains)],
            signs,
            [.. protocols.Where(id => !toldProtocols.Contains(id))],
            best.Length - toldAddresses.Count);

        void Take(IEnumerable<ProtocolId> next)
        {
            foreach (ProtocolId id in next)
            {
                int cost = Cost(id.Utf8.Length);
                if (cost <= room && toldProtocols.Count < MaxElements && toldProtocols.Add(id))
                {
                    room -= cost;
                }
            }
        }

        void TakeAddresses(IEnumerable<Multiaddress> next, int most, int keep)
        {
            foreach (Multiaddress address in next)
            {
                int plain = Cost(address.Bytes.Length);
                int cost = plain + (signs ? Cost(plain) : 0);
                if (cost <= room - keep && toldAddresses.Count < most && toldAddresses.Add(address))
                {
                    room -= cost;
                }
            }
        }
    }

    // A tag, a length and the bytes.
    private static int Cost(int length) => 1 + (length < 0x80 ? 1 : 2) + length;

    private static int RankOf(ProtocolId id) =>
        IIdentify.Protocol.Ids.Contains(id) || IIdentifyPush.Protocol.Ids.Contains(id) ? 0
        : id.Value.StartsWith("/ipfs/", StringComparison.Ordinal) || id.Value.StartsWith("/libp2p/", StringComparison.Ordinal) ? 1
        : 2;

    /// <summary>The further an address reaches, the better; a relayed one needs the relay as well.</summary>
    private static int RankOf(Multiaddress address) => (address.Contains(MultiaddressProtocol.P2pCircuit) ? 1 : 0) + address.Reach switch
    {
        MultiaddressReach.Public => 0,
        MultiaddressReach.Private => 2,
        MultiaddressReach.Loopback => 6,
        _ => 4,
    };
}
