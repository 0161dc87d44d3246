using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Hosting;

/// <summary>The protocols a node serves: an immutable table that changes as a whole.</summary>
internal sealed class HandlerTable : IHandlerTable
{
    private readonly Lock _writing = new();
    private readonly INodeEvents _events;
    private Table _table = Table.Empty;

    public HandlerTable(INodeEvents events)
    {
        _events = events;
        events.Provide(() => [new ProtocolsChanged(Protocols)]);
    }

    public IReadOnlyList<ProtocolId> Protocols => Volatile.Read(ref _table).Ids;

    public IDisposable Add(IReadOnlyList<StreamHandler> handlers)
    {
        lock (_writing)
        {
            Publish(_table.Add(handlers));
        }

        return new Registration(this, handlers);
    }

    public bool TryFind(ProtocolId id, [NotNullWhen(true)] out StreamHandler? handler)
    {
        Table table = Volatile.Read(ref _table);
        if (!table.Exact.TryGetValue(id, out handler))
        {
            handler = table.Handlers.FirstOrDefault(candidate => candidate.Matches(id));
        }

        return handler is not null;
    }

    private void Remove(IReadOnlyList<StreamHandler> handlers)
    {
        lock (_writing)
        {
            Publish(_table.Remove(handlers));
        }
    }

    private void Publish(Table table)
    {
        Volatile.Write(ref _table, table);
        _events.Publish(new ProtocolsChanged(table.Ids));
    }

    private sealed record Table(ImmutableArray<StreamHandler> Handlers, ImmutableDictionary<ProtocolId, StreamHandler> Exact, ImmutableArray<ProtocolId> Ids)
    {
        public static readonly Table Empty = new([], ImmutableDictionary<ProtocolId, StreamHandler>.Empty, []);

        public Table Add(IReadOnlyList<StreamHandler> added)
        {
            foreach (ProtocolId id in added.SelectMany(handler => handler.Ids))
            {
                if (Exact.ContainsKey(id))
                {
                    throw new InvalidOperationException($"{id} is served already.");
                }
            }

            return Of(Handlers.AddRange(added));
        }

        public Table Remove(IReadOnlyList<StreamHandler> removed) => Of(Handlers.RemoveRange(removed));

        private static Table Of(ImmutableArray<StreamHandler> handlers) => new(
            handlers,
            handlers.SelectMany(handler => handler.Ids.Select(id => KeyValuePair.Create(id, handler))).ToImmutableDictionary(),
            [.. handlers.SelectMany(handler => handler.Ids)]);
    }

    private sealed class Registration(HandlerTable table, IReadOnlyList<StreamHandler> handlers) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                table.Remove(handlers);
            }
        }
    }
}
