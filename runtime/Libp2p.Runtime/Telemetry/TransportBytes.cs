using System.Diagnostics.Metrics;
using Libp2p.Hosting;

namespace Libp2p.Telemetry;

/// <summary>Bytes by transport: of connections that ended what they told last, of open ones what they tell when asked. Thread-safe.</summary>
internal sealed class TransportBytes
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (long Sent, long Received)> _ended = new(StringComparer.Ordinal);

    /// <summary>The name of what carries a connection: few values, as the address came from a transport of ours.</summary>
    public static string NameOf(PeerConnection connection) => connection.IsRelayed ? "circuit" : connection.RemoteAddress[^1].Protocol.Name;

    /// <summary>The connection has ended, and left the table of open ones.</summary>
    public void Keep(PeerConnection connection)
    {
        string transport = NameOf(connection);
        lock (_lock)
        {
            (long sent, long received) = _ended.GetValueOrDefault(transport);
            _ended[transport] = (sent + connection.Muxed.BytesSent, received + connection.Muxed.BytesReceived);
        }
    }

    public IReadOnlyList<Measurement<long>> Measure(IReadOnlyList<PeerConnection> open)
    {
        SortedDictionary<string, (long Sent, long Received)> all;
        lock (_lock)
        {
            all = new SortedDictionary<string, (long, long)>(_ended, StringComparer.Ordinal);
        }

        foreach (PeerConnection connection in open)
        {
            string transport = NameOf(connection);
            (long sent, long received) = all.GetValueOrDefault(transport);
            all[transport] = (sent + connection.Muxed.BytesSent, received + connection.Muxed.BytesReceived);
        }

        List<Measurement<long>> measured = [];
        foreach ((string transport, (long sent, long received)) in all)
        {
            measured.Add(new(sent, new("transport", transport), new("direction", "sent")));
            measured.Add(new(received, new("transport", transport), new("direction", "received")));
        }

        return measured;
    }
}
