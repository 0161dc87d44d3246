using System.Diagnostics.Metrics;
using Libp2p.Connections;

namespace Libp2p.Telemetry;

/// <summary>Bytes by transport: of connections that ended what they told last, of open ones what they tell when asked. Thread-safe.</summary>
internal sealed class TransportBytes
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (long Sent, long Received)> _ended = new(StringComparer.Ordinal);
    private readonly HashSet<IMeteredConnection> _open = []; // in one place with those that ended, so that none is counted twice, or not at all

    /// <summary>The name of what carries a connection: few values, as the address came from a transport of ours.</summary>
    public static string NameOf(IPeerConnection connection) => connection.IsRelayed ? "circuit"
        : connection.RemoteAddress is { IsEmpty: false } remote ? remote[^1].Protocol.Name : "unknown";

    /// <summary>The connection is open.</summary>
    public void Watch(IMeteredConnection connection)
    {
        lock (_lock)
        {
            _open.Add(connection);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Keep(IMeteredConnection connection)
    {
        lock (_lock)
        {
            if (_open.Remove(connection))
            {
                Add(_ended, connection);
            }
        }
    }

    public IReadOnlyList<Measurement<long>> Measure()
    {
        SortedDictionary<string, (long Sent, long Received)> all;
        lock (_lock)
        {
            all = new SortedDictionary<string, (long, long)>(_ended, StringComparer.Ordinal);
            foreach (IMeteredConnection connection in _open)
            {
                Add(all, connection);
            }
        }

        List<Measurement<long>> measured = [];
        foreach ((string transport, (long sent, long received)) in all)
        {
            measured.Add(new(sent, new("transport", transport), new("direction", "sent")));
            measured.Add(new(received, new("transport", transport), new("direction", "received")));
        }

        return measured;
    }

    private static void Add(SortedDictionary<string, (long Sent, long Received)> bytes, IMeteredConnection connection)
    {
        string transport = NameOf(connection);
        (long sent, long received) = bytes.GetValueOrDefault(transport);
        bytes[transport] = (sent + connection.BytesSent, received + connection.BytesReceived);
    }
}
