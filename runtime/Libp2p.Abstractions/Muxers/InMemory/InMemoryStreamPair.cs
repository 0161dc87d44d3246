using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>
/// Two ends of one stream in memory, with all that a muxer's streams can do: half-close, refusing to read, resets with a reason,
/// and a window that opens as the reader consumes. For calls within a process and for tests.
/// </summary>
/// <remarks>Continuations run in the context of whoever awaits, and on the thread pool where there is none.</remarks>
public sealed class InMemoryStreamPair
{
    /// <summary>Bytes that a direction holds, unless said otherwise.</summary>
    public const int DefaultWindow = 64 * Size.KiB;

    /// <summary>A fresh stream.</summary>
    /// <param name="window">Bytes that a direction holds before a flush waits.</param>
    public InMemoryStreamPair(int window = DefaultWindow)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        InMemoryChannel there = new(window);
        InMemoryChannel back = new(window);
        Lock gate = new();
        InMemoryStream initiator = new(Direction.Outbound, back, there, gate);
        InMemoryStream responder = new(Direction.Inbound, there, back, gate);
        initiator.Peer = responder;
        responder.Peer = initiator;
        (Initiator, Responder) = (initiator, responder);
    }

    /// <summary>The end of who opened it. Its owner disposes of it.</summary>
    public IMuxedStream Initiator { get; }

    /// <summary>The other end. Its owner disposes of it.</summary>
    public IMuxedStream Responder { get; }
}
