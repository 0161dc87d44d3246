using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Negotiation;

/// <summary>A table that never changes: exact ids only.</summary>
/// <typeparam name="T">What an id stands for.</typeparam>
public sealed class ProtocolTable<T> : IProtocolTable<T>
{
    private readonly Dictionary<ProtocolId, Agreed<T>>.AlternateLookup<ReadOnlySpan<byte>> _entries;

    /// <summary>A table of these, in this order.</summary>
    /// <exception cref="ArgumentException">An id occurs twice.</exception>
    public ProtocolTable(IEnumerable<Agreed<T>> entries)
    {
        Dictionary<ProtocolId, Agreed<T>> table = new(ProtocolIdComparer.Instance);
        List<ProtocolId> ids = [];

        foreach (Agreed<T> entry in entries)
        {
            table.Add(entry.Id, entry);
            ids.Add(entry.Id);
        }

        Ids = ids;
        _entries = table.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <inheritdoc/>
    public IReadOnlyList<ProtocolId> Ids { get; }

    /// <inheritdoc/>
    public bool TryFind(ReadOnlySpan<byte> proposal, [NotNullWhen(true)] out ProtocolId? id, [MaybeNullWhen(false)] out T handler)
    {
        bool found = _entries.TryGetValue(proposal, out Agreed<T> entry);
        id = entry.Id;
        handler = entry.Handler;
        return found && id is not null;
    }
}
