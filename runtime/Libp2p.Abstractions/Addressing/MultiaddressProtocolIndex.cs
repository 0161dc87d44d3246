using System.Collections.Frozen;

namespace Libp2p;

/// <summary>The protocol table by code and by name. Apart from the table itself, so that it is built when that is complete.</summary>
internal static class MultiaddressProtocolIndex
{
    private const string FormerNameOfP2p = "ipfs";

    public static FrozenDictionary<int, MultiaddressProtocol> ByCode { get; } =
        MultiaddressProtocol.All.ToFrozenDictionary(static protocol => protocol.Code);

    public static FrozenDictionary<string, MultiaddressProtocol>.AlternateLookup<ReadOnlySpan<char>> ByName { get; } =
        MultiaddressProtocol.All
            .Select(static protocol => KeyValuePair.Create(protocol.Name, protocol))
            .Append(KeyValuePair.Create(FormerNameOfP2p, MultiaddressProtocol.P2p))
            .ToFrozenDictionary(StringComparer.Ordinal)
            .GetAlternateLookup<ReadOnlySpan<char>>();
}
