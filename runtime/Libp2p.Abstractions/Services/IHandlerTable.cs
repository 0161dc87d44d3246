using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Services;

/// <summary>The protocols a node serves: exact ids and predicates, changed at run time. Changes are told
/// as <see cref="ProtocolsChanged"/>, one for those that come together. Thread-safe.</summary>
public interface IHandlerTable
{
    /// <summary>The ids the node announces, in the order of registration.</summary>
    IReadOnlyList<ProtocolId> Protocols { get; }

    /// <summary>Adds handlers, all or none; disposing of the result removes them. Streams already being served go on.</summary>
    /// <exception cref="InvalidOperationException">An id is taken.</exception>
    IDisposable Add(IReadOnlyList<StreamHandler> handlers);

    /// <summary>The handler of an id: by exact match, else the first whose predicate matches.</summary>
    bool TryFind(ProtocolId id, [NotNullWhen(true)] out StreamHandler? handler);
}
