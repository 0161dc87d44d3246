using Libp2p.Connections;

namespace Libp2p.Limits;

/// <summary>
/// A scope that many connections and streams share: counts what they take, within its ceilings. What is reserved in it directly is also
/// taken in the scope above it. Thread-safe, without a lock.
/// </summary>
/// <param name="kind">What it bounds.</param>
/// <param name="name">The name in diagnostics.</param>
/// <param name="above">The scope above; null for the system's.</param>
/// <param name="memory">Bytes that may be taken.</param>
/// <param name="streams">Streams that may be open.</param>
/// <param name="connections">Connections that may be open.</param>
internal class CountingScope(
    ResourceScopeKind kind, string name, CountingScope? above, long memory = long.MaxValue, long streams = long.MaxValue, long connections = long.MaxValue)
    : IResourceScope
{
    private readonly Counter _memory = new(memory);
    private readonly DirectedCounter _streams = new(streams);
    private readonly DirectedCounter _connections = new(connections);

    public ResourceScopeKind Kind => kind;

    public string Name => name;

    public ResourceUsage Usage
    {
        get
        {
            int inboundConnections = _connections.Inbound; // once: a second look may tell another number
            int inboundStreams = _streams.Inbound;
            return new ResourceUsage(
                _memory.Taken, inboundConnections, Math.Max(0, (int)_connections.Taken - inboundConnections), inboundStreams, Math.Max(0, (int)_streams.Taken - inboundStreams));
        }
    }

    public bool TryReserveMemory(long bytes)
    {
        if (above is not null && !above.TryReserveMemory(bytes))
        {
            return false;
        }

        if (TryTakeMemory(bytes))
        {
            return true;
        }

        above?.ReleaseMemory(bytes);
        return false;
    }

    public void ReleaseMemory(long bytes)
    {
        GiveBackMemory(bytes);
        above?.ReleaseMemory(bytes);
    }

    /// <summary>Takes memory here only.</summary>
    public bool TryTakeMemory(long bytes) => _memory.TryTake(bytes);

    public void GiveBackMemory(long bytes) => _memory.GiveBack(bytes);

    /// <summary>Takes a stream here only.</summary>
    public bool TryTakeStream(Direction direction) => _streams.TryTake(direction);

    public void GiveBackStream(Direction direction) => _streams.GiveBack(direction);

    /// <summary>Takes a connection here only.</summary>
    public bool TryTakeConnection(Direction direction) => _connections.TryTake(direction);

    public void GiveBackConnection(Direction direction) => _connections.GiveBack(direction);
}
