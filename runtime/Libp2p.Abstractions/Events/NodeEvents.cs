using Libp2p.Connections;

namespace Libp2p;

/// <summary>
/// Something that happened in a node. An event either tells a state, of which a new subscriber first gets the current one, or an
/// occurrence, of which a new subscriber gets none of the past. Each says which.
/// </summary>
public abstract record NodeEvent;

/// <summary>A connection is ready for streams. A state: a new subscriber first gets one for each open connection.</summary>
public sealed record ConnectionOpened(IPeerConnection Connection) : NodeEvent;

/// <summary>A connection has ended. An occurrence.</summary>
public sealed record ConnectionClosed(IPeerConnection Connection, EndReason Reason) : NodeEvent;

/// <summary>The addresses at which the node can be reached changed; complete. A state.</summary>
public sealed record AddressesChanged(IReadOnlyList<Multiaddress> Addresses) : NodeEvent;

/// <summary>The protocols that the node serves changed; complete. A state.</summary>
public sealed record ProtocolsChanged(IReadOnlyList<ProtocolId> Protocols) : NodeEvent;

/// <summary>
/// The protocols that a peer serves became known or changed; complete (identify). A state: a new subscriber first gets one for each
/// connected peer whose protocols are known.
/// </summary>
public sealed record PeerProtocolsChanged(PeerId Peer, IReadOnlyList<ProtocolId> Protocols) : NodeEvent;

/// <summary>
/// A remote told the address at which it sees this node; a candidate, not a fact. A state: a new subscriber first gets the latest of each
/// open connection.
/// </summary>
public sealed record AddressObserved(Multiaddress Address, IPeerConnection Observer) : NodeEvent;

/// <summary>The node's events, typed. Thread-safe.</summary>
public interface INodeEvents
{
    /// <summary>
    /// Subscribes. The subscription is bounded: when its reader falls behind, the oldest event is dropped and counted. The current state
    /// of the events that tell one comes first, complete whatever the capacity, and what is published meanwhile follows it.
    /// </summary>
    /// <typeparam name="TEvent">The events wanted; <see cref="NodeEvent"/> for all.</typeparam>
    /// <param name="capacity">Events that wait for the reader.</param>
    /// <returns>The caller's, who disposes of it.</returns>
    /// <exception cref="ObjectDisposedException">The node has ended.</exception>
    IEventSubscription<TEvent> Subscribe<TEvent>(int capacity = 256)
        where TEvent : NodeEvent;

    /// <summary>Gives the event to all subscribers. Never waits, never throws, runs no subscriber's code; no-op when the node has ended.</summary>
    void Publish(NodeEvent nodeEvent);

    /// <summary>
    /// Registers what tells the current state to new subscribers of an event. It runs on the subscriber's thread without a lock of the
    /// node, and must not wait; where it throws, the subscriber counts one event as missed.
    /// </summary>
    /// <param name="current">The state now, for as long as the node lives; empty when there is none any more.</param>
    void Provide<TEvent>(Func<IEnumerable<TEvent>> current)
        where TEvent : NodeEvent;
}

/// <summary>One subscriber's events. One enumeration; ends when it is disposed of or the node ends.</summary>
public interface IEventSubscription<out TEvent> : IAsyncEnumerable<TEvent>, IDisposable
    where TEvent : NodeEvent
{
    /// <summary>Events that were dropped because the reader fell behind, and states that could not be read.</summary>
    long Missed { get; }
}
