using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>
/// Two ends of a byte link in memory. They behave as a socket's: bounded in each direction, half-closed by completing the output, and
/// broken at both ends at once by <see cref="MemoryLink.Abort"/>.
/// </summary>
public sealed class MemoryLinkPair
{
    /// <summary>Makes a link.</summary>
    /// <param name="scheduler">Runs the continuations of both ends, and is the only one that may read; null: the thread pool, without this check.</param>
    /// <param name="segmentSize">Bytes in a segment of what is read, so that messages lie across borders; -1: 32 KiB of the shared pool.</param>
    /// <param name="pauseAt">Bytes that wait in each direction before a flush does.</param>
    public MemoryLinkPair(NodeScheduler? scheduler = null, int segmentSize = -1, long pauseAt = 128 * 1024)
    {
        PipePair pipes = new(scheduler, segmentSize, pauseAt);
        First = new MemoryLink(pipes.First, scheduler, "/memory/1", "/memory/2");
        Second = new MemoryLink(pipes.Second, scheduler, "/memory/2", "/memory/1");
        First.Remote = Second;
        Second.Remote = First;
    }

    /// <summary>One end.</summary>
    public MemoryLink First { get; }

    /// <summary>The other end.</summary>
    public MemoryLink Second { get; }

    /// <summary>Both ends.</summary>
    public void Deconstruct(out MemoryLink first, out MemoryLink second) => (first, second) = (First, Second);
}
