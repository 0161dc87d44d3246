using Libp2p.Connections;

namespace Libp2p;

/// <summary>Something that happened in a node.</summary>
public abstract record NodeEvent;

/// <summary>A connection is ready for streams. A new subscriber first gets one for each open connection.</summary>
public sealed record ConnectionOpened(IPeerConnection Connection) : NodeEvent;

/// <summary>A connection has ended.</summary>
public sealed record ConnectionClosed(IPeerConnection Connection, EndReason Reason) : NodeEvent;

/// <summary>Where the node can be reached changed; complete. A new subscriber first gets the current state.</summary>
public sealed record AddressesChanged(IReadOnlyList<Multiaddress> Addresses) : NodeEvent;

/// <summary>What the node serves changed; complete. A new subscriber first gets the current state.</summary>
public sealed record ProtocolsChanged(IReadOnlyList<ProtocolId> Protocols) : NodeEvent;

/// <summary>What a peer serves became known or changed; complete (identify).</summary>
public sealed record PeerProtocolsChanged(PeerId Peer, IReadOnlyList<ProtocolId> Protocols) : NodeEvent;

/// <summary>A remote told the address at which it sees us; a candidate, not a fact.</summary>
public sealed record AddressObserved(Multiaddress Address, IPeerConnection Observer) : NodeEvent;

/// <summary>The node's events, typed. Thread-safe.</summary>
public interface INodeEvents
{
    /// <summary>
    /// Subscribes. The subscription is bounded: when its reader falls behind, the oldest event is dropped and counted. Where the
    /// event tells a state, the current one comes first.
    /// </summary>
    /// <typeparam name="TEvent">The events wanted; <see cref="NodeEvent"/> for all.</typeparam>
    /// <param name="capacity">Events that wait for the reader.</param>
    /// <returns>The caller's, who disposes of it.</returns>
    IEventSubscription<TEvent> Subscribe<TEvent>(int capacity = 256)
        where TEvent : NodeEvent;

    /// <summary>Tells all subscribers. Never waits, never throws, runs no subscriber's code.</summary>
    void Publish(NodeEvent nodeEvent);

    /// <summary>Registers who tells the current state to new subscribers of an event.</summary>
    void Provide<TEvent>(Func<IEnumerable<TEvent>> current)
        where TEvent : NodeEvent;
}

/// <summary>One subscriber's events. One enumeration; ends when it is disposed of or the node ends.</summary>
public interface IEventSubscription<out TEvent> : IAsyncEnumerable<TEvent>, IDisposable
    where TEvent : NodeEvent
{
    /// <summary>Events that were dropped because the reader fell behind.</summary>
    long Missed { get; }
}
