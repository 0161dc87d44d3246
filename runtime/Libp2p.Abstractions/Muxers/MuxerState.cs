using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>What a muxer tells of its session at one moment, for the dump of a node's state and for meters.</summary>
public sealed record MuxerState
{
    /// <summary>Bytes given to the link: frames, before encryption.</summary>
    public long Sent { get; init; }

    /// <summary>Bytes taken from the link: frames, after decryption.</summary>
    public long Received { get; init; }

    /// <summary>The smoothed round trip; null where none was measured.</summary>
    public TimeSpan? RoundTrip { get; init; }

    /// <summary>Callers that wait to open a stream, until the remote acknowledges earlier ones.</summary>
    public int WaitingToOpen { get; init; }

    /// <summary>Streams of the remote that wait to be accepted.</summary>
    public int WaitingToBeAccepted { get; init; }

    /// <summary>Why the session is about to end, or has ended; null while it takes streams.</summary>
    public string? Ending { get; init; }

    /// <summary>The open streams, by number.</summary>
    public IReadOnlyList<MuxedStreamState> Streams { get; init; } = [];
}

/// <summary>One stream of a <see cref="MuxerState"/>.</summary>
/// <param name="Id">The muxer's number.</param>
/// <param name="Direction">Who opened it.</param>
public readonly record struct MuxedStreamState(long Id, Direction Direction)
{
    /// <summary>Bytes of the application that were sent.</summary>
    public long Sent { get; init; }

    /// <summary>Bytes that came for the application.</summary>
    public long Received { get; init; }

    /// <summary>Bytes the remote takes now.</summary>
    public long SendWindow { get; init; }

    /// <summary>Bytes the remote may send now.</summary>
    public long ReceiveWindow { get; init; }

    /// <summary>Flushed bytes that were not sent.</summary>
    public long Queued { get; init; }

    /// <summary>Bytes that came and were not consumed.</summary>
    public long Buffered { get; init; }

    /// <summary>Whether a flush waits.</summary>
    public bool IsWriterWaiting { get; init; }

    /// <summary>Whether a read waits.</summary>
    public bool IsReaderWaiting { get; init; }

    /// <summary>Whether our direction is closed.</summary>
    public bool IsWriteClosed { get; init; }

    /// <summary>Whether the remote's direction has ended.</summary>
    public bool IsRemoteWriteClosed { get; init; }
}
