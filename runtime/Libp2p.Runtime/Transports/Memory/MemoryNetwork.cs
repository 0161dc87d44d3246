using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Transports.Memory;

/// <summary>
/// What nodes in one process reach each other through: <c>/memory/n</c> names a listener of the same network. Nodes share one by being
/// given it; there is no global one. Thread-safe.
/// </summary>
public sealed class MemoryNetwork
{
    private readonly ConcurrentDictionary<ulong, MemoryListener> _listeners = new();
    private long _lastPort;

    internal ulong NextPort() => (ulong)Interlocked.Increment(ref _lastPort);

    internal ulong Add(ulong port, MemoryListener listener)
    {
        if (port != 0)
        {
            return _listeners.TryAdd(port, listener) ? port : throw new IOException($"Cannot listen on /memory/{port}: it is in use");
        }

        while (true)
        {
            ulong free = NextPort();
            if (_listeners.TryAdd(free, listener))
            {
                return free;
            }
        }
    }

    internal void Remove(ulong port, MemoryListener listener) => _listeners.TryRemove(new KeyValuePair<ulong, MemoryListener>(port, listener));

    internal bool TryFind(ulong port, [NotNullWhen(true)] out MemoryListener? listener) => _listeners.TryGetValue(port, out listener);
}
