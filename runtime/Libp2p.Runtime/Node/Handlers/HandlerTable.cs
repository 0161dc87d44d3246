using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Libp2p.Limits;
using Libp2p.Negotiation;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Services;

namespace Libp2p.Node.Handlers;

/// <summary>The protocols a node serves: an immutable table that changes as a whole.</summary>
internal sealed class HandlerTable : IHandlerTable, IProtocolTable<StreamHandler>
{
    private readonly Lock _writing = new();
    private readonly INodeEvents _events;
    private readonly NodeScheduler _scheduler;
    private readonly AccessPolicies _access;
    private Table _table = Table.Empty;
    private bool _isTelling;

    public HandlerTable(INodeEvents events, NodeScheduler scheduler, AccessPolicies access)
    {
        _events = events;
        _scheduler = scheduler;
        _access = access;
        events.Provide<ProtocolsChanged>(() => [new ProtocolsChanged(Protocols)]);
    }

    /// <summary>Holds the bounds of handlers against the node's memory; null: nothing does.</summary>
    public MessageCeiling? Messages { get; init; }

    public IReadOnlyList<ProtocolId> Protocols => Volatile.Read(ref _table).Ids;

    public IDisposable Add(IReadOnlyList<StreamHandler> handlers)
    {
        foreach (StreamHandler handler in handlers)
        {
            _access.EnsureKnown(handler);
            Messages?.Admit(handler.Ids is [ProtocolId first, ..] ? first.Value : "A handler", handler.Limits);
        }

        lock (_writing)
        {
            Publish(_table.Add(handlers));
        }

        return new Registration(this, handlers);
    }

    /// <summary>The handlers that were sent messages which are for none of their operations.</summary>
    public IReadOnlyList<UnknownMessagesState> DescribeUnknownMessages() =>
    [
        .. Volatile.Read(ref _table).Handlers
            .Select(handler => new UnknownMessagesState(handler.Ids is [ProtocolId first, ..] ? first : null, handler.UnknownMessages))
            .Where(unknown => unknown.Count > 0),
    ];

    IReadOnlyList<ProtocolId> IProtocolTable<StreamHandler>.Ids => Protocols;

    public bool TryFind(ProtocolId id, [NotNullWhen(true)] out StreamHandler? handler)
    {
        Table table = Volatile.Read(ref _table);
        return table.Exact.TryFind(id.Utf8, out _, out handler) || table.TryMatch(id, out handler);
    }

    public bool TryFind(ReadOnlySpan<byte> proposal, [NotNullWhen(true)] out ProtocolId? id, [MaybeNullWhen(false)] out StreamHandler handler)
    {
        Table table = Volatile.Read(ref _table);
        if (table.Exact.TryFind(proposal, out id, out handler))
        {
            return true;
        }

        id = null;
        if (!table.HasPredicates || proposal.Length is 0 or > ProtocolId.MaxLength || !TryDecode(proposal, out string? text))
        {
            return false;
        }

        ProtocolId candidate = new(text);
        if (!table.TryMatch(candidate, out handler))
        {
            return false;
        }

        id = candidate;
        return true;
    }

    private static bool TryDecode(ReadOnlySpan<byte> proposal, [NotNullWhen(true)] out string? text)
    {
        text = Utf8.IsValid(proposal) && !proposal.Contains((byte)'\n') ? Encoding.UTF8.GetString(proposal) : null;
        return text is not null;
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
        if (!_isTelling)
        {
            _isTelling = true;
            _scheduler.Schedule(static self => ((HandlerTable)self!).Tell(), this); // what changes until then is told with it
        }
    }

    private void Tell()
    {
        lock (_writing)
        {
            _isTelling = false;
        }

        _events.Publish(new ProtocolsChanged(Protocols));
    }

    private sealed class Table(ImmutableArray<StreamHandler> handlers)
    {
        public static readonly Table Empty = new([]);

        private readonly ImmutableArray<StreamHandler> _predicates = [.. handlers.Where(handler => handler.HasPredicate)];

        public ProtocolTable<StreamHandler> Exact { get; } = new(handlers.SelectMany(handler => handler.Ids.Select(id => new Agreed<StreamHandler>(id, handler))));

        public IReadOnlyList<StreamHandler> Handlers => handlers;

        public IReadOnlyList<ProtocolId> Ids => Exact.Ids;

        public bool HasPredicates => _predicates.Length > 0;

        public bool TryMatch(ProtocolId id, [NotNullWhen(true)] out StreamHandler? handler) =>
            (handler = _predicates.FirstOrDefault(candidate => candidate.Matches(id))) is not null;

        public Table Add(IReadOnlyList<StreamHandler> added)
        {
            foreach (ProtocolId id in added.SelectMany(handler => handler.Ids))
            {
                if (Ids.Contains(id))
                {
                    throw new InvalidOperationException($"{id} is served already.");
                }
            }

            return new Table(handlers.AddRange(added));
        }

        public Table Remove(IReadOnlyList<StreamHandler> removed) => new(handlers.RemoveRange(removed));
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
