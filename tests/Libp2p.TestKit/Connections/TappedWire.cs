using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>
/// Two ends of a byte link with something between them that forwards, records and spoils what passes: for protocols that must hold out
/// against it.
/// </summary>
public sealed class TappedWire
{
    private readonly MemoryLinkPair _near;
    private readonly MemoryLinkPair _far;

    /// <summary>Makes a wire.</summary>
    /// <param name="scheduler">Runs both ends and what is between them.</param>
    /// <param name="segmentSize">Bytes in a segment of what an end reads; -1: the pool's.</param>
    public TappedWire(NodeScheduler scheduler, int segmentSize = -1)
    {
        _near = new MemoryLinkPair(scheduler, segmentSize);
        _far = new MemoryLinkPair(scheduler, segmentSize);
    }

    /// <summary>The end in the initiator's role.</summary>
    public MemoryLink Initiator => _near.First;

    /// <summary>The end in the responder's role.</summary>
    public MemoryLink Responder => _far.First;

    /// <summary>What passes from the initiator to the responder.</summary>
    public TappedDirection ToResponder { get; } = new();

    /// <summary>What passes from the responder to the initiator.</summary>
    public TappedDirection ToInitiator { get; } = new();

    /// <summary>Forwards in both directions until both have ended.</summary>
    public Task ForwardAsync() => Task.WhenAll(
        ToResponder.ForwardAsync(_near.Second.Input, _far.Second.Output),
        ToInitiator.ForwardAsync(_far.Second.Input, _near.Second.Output));

    /// <summary>Breaks both links, as a cable that is cut.</summary>
    public void Cut()
    {
        EndReason reason = new(EndedBy.Link, ErrorCode.None, "The wire was cut");
        _near.Second.Abort(reason);
        _far.Second.Abort(reason);
    }
}
