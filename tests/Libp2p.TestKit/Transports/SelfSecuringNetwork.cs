using System.Collections.Concurrent;
using System.Globalization;
using Libp2p.Transports.Memory;

namespace Libp2p.TestKit;

/// <summary>
/// What nodes with a <see cref="SelfSecuringTransport"/> reach each other through. Nodes share one by being given it. Thread-safe.
/// </summary>
public sealed class SelfSecuringNetwork
{
    private readonly ConcurrentDictionary<(string Local, string Remote), SelfSecuredConnection> _ends = new();

    /// <summary>The links below.</summary>
    internal MemoryNetwork Links { get; } = new();

    internal void Add(SelfSecuredConnection end) => _ends[(end.LocalAddress.ToString(), end.RemoteAddress.ToString())] = end;

    /// <summary>The other end of a connection, by the addresses that it began with; null while it is not ready.</summary>
    internal SelfSecuredConnection? Other(Multiaddress local, Multiaddress remote) => _ends.GetValueOrDefault((remote.ToString(), local.ToString()));

    /// <summary>Whether the address has the transport's form: <c>/ip4/127.0.0.1/udp/n/quic-v1</c>.</summary>
    internal static bool TryGetPort(Multiaddress address, out ulong port)
    {
        port = 0;
        return address.ToString().Split('/') is ["", "ip4", "127.0.0.1", "udp", string number, "quic-v1"]
            && ulong.TryParse(number, CultureInfo.InvariantCulture, out port);
    }

    internal static Multiaddress ToMemory(Multiaddress address) => TryGetPort(address, out ulong port)
        ? Multiaddress.Parse(string.Create(CultureInfo.InvariantCulture, $"/memory/{port}"))
        : throw new ArgumentException($"{address} is not an address of the stand-in transport, /ip4/127.0.0.1/udp/PORT/quic-v1.", nameof(address));

    internal static Multiaddress FromMemory(Multiaddress address) =>
        Multiaddress.Parse($"/ip4/127.0.0.1/udp/{address.ToString().Split('/')[^1]}/quic-v1");
}
