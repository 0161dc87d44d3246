using System.Net;
using System.Net.Sockets;

namespace Libp2p.Protocols.Identify;

/// <summary>An address at which others see us.</summary>
/// <param name="Address">Without <c>/p2p</c>.</param>
/// <param name="Observers">How many said so, by the place they said it from: a host counts once, whatever it calls itself.</param>
/// <param name="LastSeen">When the last of them did, by the wall clock as it is now: for display.</param>
public sealed record ObservedAddress(Multiaddress Address, int Observers, DateTimeOffset LastSeen);

/// <summary>
/// What others observe of us, by source. An observation is a claim: one host may lie, and behind some NATs each of them sees another
/// port; so what to make of it is for others (AutoNAT). Bounded: a new address takes the place of one that its source alone claims, or
/// else of the address with the fewest observers, the oldest first, so that one host cannot displace what several agree on. Lifetimes
/// are measured by the monotonic clock. Thread-safe.
/// </summary>
/// <param name="time">The node's clock.</param>
/// <param name="lifetime">How long an observation counts; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
internal sealed class ObservedAddresses(TimeProvider time, TimeSpan lifetime)
{
    /// <summary>Addresses, and observers of one, that are kept.</summary>
    public const int MaxAddresses = 64, MaxObservers = 16;

    private readonly Lock _lock = new();
    private readonly Dictionary<Multiaddress, Dictionary<string, long>> _seen = []; // source and timestamp

    /// <summary>The addresses, most observers first.</summary>
    public IReadOnlyList<ObservedAddress> Current
    {
        get
        {
            lock (_lock)
            {
                DropExpired();
                return [.. _seen.Select(entry => new ObservedAddress(entry.Key, entry.Value.Count, WhenSeen(entry.Value.Values.Max())))
                    .OrderByDescending(observed => observed.Observers)
                    .ThenByDescending(observed => observed.LastSeen)
                    .ThenBy(observed => observed.Address.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Records what the remote of a direct connection sees; false where that tells nothing about us.</summary>
    public bool TryAdd(Multiaddress observed, Multiaddress local, Multiaddress remote)
    {
        if (!IsAlike(observed, local) || SourceOf(remote) is not { } source)
        {
            return false;
        }

        lock (_lock)
        {
            DropExpired();
            if (!_seen.TryGetValue(observed, out Dictionary<string, long>? observers))
            {
                if (_seen.Count == MaxAddresses)
                {
                    _seen.Remove(Surplus(source));
                }

                _seen[observed] = observers = [];
            }

            if (observers.Count == MaxObservers && !observers.ContainsKey(source))
            {
                observers.Remove(observers.MinBy(entry => entry.Value).Key);
            }

            observers[source] = time.GetTimestamp();
        }

        return true;
    }

    // Through a translator the numbers differ, never the protocols.
    private static bool IsAlike(Multiaddress observed, Multiaddress local) =>
        observed.Count == local.Count && observed.Zip(local).All(pair => pair.First.Code == pair.Second.Code);

    private static string? SourceOf(Multiaddress remote)
    {
        if (!remote.TryGetIPEndPoint(out IPEndPoint? endPoint))
        {
            return null;
        }

        byte[] bytes = endPoint.Address.GetAddressBytes();
        return Convert.ToHexString(endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? bytes.AsSpan(0, 7) : bytes);
    }

    /// <summary>The address that gives way to a new one of a source.</summary>
    private Multiaddress Surplus(string source) => _seen
        .OrderByDescending(entry => entry.Value.Count == 1 && entry.Value.ContainsKey(source))
        .ThenBy(entry => entry.Value.Count)
        .ThenBy(entry => entry.Value.Values.Max())
        .First().Key;

    private DateTimeOffset WhenSeen(long timestamp)
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan ago = time.GetElapsedTime(timestamp);
        return ago < now - DateTimeOffset.MinValue ? now - ago : DateTimeOffset.MinValue;
    }

    private void DropExpired()
    {
        if (lifetime == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        long now = time.GetTimestamp();
        foreach ((Multiaddress address, Dictionary<string, long> observers) in _seen.ToList())
        {
            foreach (string source in observers.Where(entry => time.GetElapsedTime(entry.Value, now) >= lifetime).Select(entry => entry.Key).ToList())
            {
                observers.Remove(source);
            }

            if (observers.Count == 0)
            {
                _seen.Remove(address);
            }
        }
    }
}
