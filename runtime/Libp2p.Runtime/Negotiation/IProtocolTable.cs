using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Negotiation;

/// <summary>What a responder serves: ids, and what stands behind each. May change while it is used. Thread-safe.</summary>
/// <typeparam name="T">What an id stands for: a handler, a muxer, a security protocol.</typeparam>
public interface IProtocolTable<T>
{
    /// <summary>The ids it tells to a remote that asks (<c>ls</c>), in order.</summary>
    IReadOnlyList<ProtocolId> Ids { get; }

    /// <summary>Looks up what a remote proposes. Allocates nothing for an id that is registered exactly, nor for one that is unknown.</summary>
    /// <param name="proposal">The bytes of the proposed id; hostile, and lent for the call.</param>
    /// <param name="id">The id, byte by byte the proposal.</param>
    /// <param name="handler">What stands behind it.</param>
    bool TryFind(ReadOnlySpan<byte> proposal, [NotNullWhen(true)] out ProtocolId? id, [MaybeNullWhen(false)] out T handler);
}

/// <summary>What a responder agreed to.</summary>
/// <typeparam name="T">What an id stands for.</typeparam>
/// <param name="Id">The id.</param>
/// <param name="Handler">What stands behind it.</param>
public readonly record struct Agreed<T>(ProtocolId Id, T Handler);
