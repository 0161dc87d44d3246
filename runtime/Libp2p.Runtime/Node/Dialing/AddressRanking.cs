namespace Libp2p.Node.Dialing;

/// <summary>
/// The order in which addresses are tried (RFC 8305 in spirit): the nearest first, relays last, and of each kind IPv6 and IPv4 in
/// turn, so that a family that does not work costs one step. What is equal keeps its order.
/// </summary>
internal static class AddressRanking
{
    /// <summary>Orders what is to be tried by its address.</summary>
    public static IReadOnlyList<T> Order<T>(IEnumerable<T> candidates, Func<T, Multiaddress> address) =>
        [.. candidates.GroupBy(candidate => Distance(address(candidate))).OrderBy(group => group.Key).SelectMany(group => Interleave(group, address))];

    private static int Distance(Multiaddress address) => address switch
    {
        _ when address.Contains(MultiaddressProtocol.P2pCircuit) => 3,
        { Reach: MultiaddressReach.Public } => 1,
        { Reach: MultiaddressReach.SpecialUse } => 2,
        _ => 0, // this machine, this network, or nothing that an address tells about (memory)
    };

    private static IEnumerable<T> Interleave<T>(IEnumerable<T> candidates, Func<T, Multiaddress> address)
    {
        ILookup<bool, T> families = candidates.ToLookup(candidate => address(candidate) is { Count: > 0 } some && some[0].Code == MultiaddressCode.Ip4);
        Queue<T> first = new(families[false]);
        Queue<T> second = new(families[true]);
        while (first.Count + second.Count > 0)
        {
            if (first.TryDequeue(out T? six))
            {
                yield return six;
            }

            if (second.TryDequeue(out T? four))
            {
                yield return four;
            }
        }
    }
}
