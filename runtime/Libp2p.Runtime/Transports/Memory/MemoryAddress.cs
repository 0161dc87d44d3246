using System.Globalization;

namespace Libp2p.Transports.Memory;

/// <summary>Between <c>/memory/n</c> and n.</summary>
internal static class MemoryAddress
{
    public static Multiaddress Of(ulong port) => Multiaddress.Parse(string.Create(CultureInfo.InvariantCulture, $"/memory/{port}"));

    public static bool TryGetPort(Multiaddress address, out ulong port)
    {
        port = 0;
        return address.Count == 1 && address[0].TryGetMemoryNumber(out port);
    }

    public static ulong GetPort(Multiaddress address) =>
        TryGetPort(address, out ulong port) ? port : throw new ArgumentException($"{address} is no address in memory.", nameof(address));
}
