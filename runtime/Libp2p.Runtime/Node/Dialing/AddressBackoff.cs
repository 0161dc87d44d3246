using System.Diagnostics.CodeAnalysis;
using Libp2p.Security;

namespace Libp2p.Node.Dialing;

/// <summary>
/// Leaves addresses alone for a while after they failed, longer each time. Whom an address was to lead to is part of it, so that a
/// stranger found there does not discredit it for others. Bounded: the one that failed longest ago is forgotten first. Thread-safe.
/// </summary>
internal sealed class AddressBackoff(TimeProvider time, int capacity = 4096)
{
    /// <summary>The time after a first failure; it doubles with each further one.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>The longest time.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly OrderedDictionary<(Multiaddress Address, ExpectedPeer Peer), Entry> _failed = []; // in the order of the last failure

    /// <summary>Whether the address is to be left alone now, and why.</summary>
    public bool IsBlocked(Multiaddress address, ExpectedPeer peer, [NotNullWhen(true)] out string? reason)
    {
        lock (_lock)
        {
            reason = null;
            TimeSpan left = default;
            if (_failed.TryGetValue((address, peer), out Entry entry) && (left = time.GetElapsedTime(time.GetTimestamp(), entry.Until)) > TimeSpan.Zero)
            {
                reason = FormattableString.Invariant($"it failed {entry.Failures} times and is left alone for {left.TotalSeconds:0.#} s: {entry.Cause}");
            }

            return reason is not null;
        }
    }

    /// <summary>A dial of the address failed.</summary>
    public void Failed(Multiaddress address, ExpectedPeer peer, string cause)
    {
        lock (_lock)
        {
            int failures = (_failed.TryGetValue((address, peer), out Entry known) ? known.Failures : 0) + 1;
            TimeSpan wait = First * Math.Pow(2, Math.Min(failures - 1, 16));
            wait = wait < Longest ? wait : Longest;
            _failed.Remove((address, peer));
            if (_failed.Count == capacity)
            {
                _failed.RemoveAt(0);
            }

            _failed.Add((address, peer), new Entry(failures, time.GetTimestamp() + (long)(wait.TotalSeconds * time.TimestampFrequency), cause));
        }
    }

    /// <summary>A dial of the address succeeded.</summary>
    public void Succeeded(Multiaddress address, ExpectedPeer peer)
    {
        lock (_lock)
        {
            _failed.Remove((address, peer));
        }
    }

    private readonly record struct Entry(int Failures, long Until, string Cause);
}
