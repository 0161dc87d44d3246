using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>The streams of one connection, below any negotiation of protocols. Thread-safe.</summary>
public interface IMuxedConnection : ITransportConnection
{
    /// <summary>What its streams can do.</summary>
    MuxerCapabilities Capabilities { get; }

    /// <summary>Opens a stream. Waits while the remote has too many unacknowledged ones.</summary>
    /// <exception cref="ConnectionClosedException">The connection has ended, or takes no more streams.</exception>
    /// <exception cref="LimitExceededException">As many streams are open as may be.</exception>
    ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The next stream that the remote opened, or null when there will be none. One caller at a time. Streams that nobody accepts
    /// are bounded: the remote's next one is reset.
    /// </summary>
    ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken);

    /// <summary>Says goodbye with the code, where the muxer can, after what was flushed, and closes. Streams still open end with the reason.</summary>
    ValueTask CloseAsync(EndReason reason, CancellationToken cancellationToken);

    /// <summary>Completes, never faulted, when the connection has ended; then no task of it runs any more.</summary>
    Task<EndReason> Completion { get; }

    /// <summary>Streams that are open in either direction.</summary>
    int StreamCount { get; }

    /// <summary>
    /// Whether <see cref="OpenStreamAsync"/> can still succeed. False, for good, once the connection ends, the remote has announced its
    /// end (GoAway) although open streams go on, or the stream numbers are used up; then a new connection is needed. A full backlog of
    /// streams does not change it. Cheap, thread-safe, never throws.
    /// </summary>
    bool TakesStreams => !Completion.IsCompleted;

    /// <summary>Bytes given to the link so far: frames, before encryption.</summary>
    long BytesSent => 0;

    /// <summary>Bytes taken from the link so far: frames, after decryption.</summary>
    long BytesReceived => 0;

    /// <summary>What it looks like now, for diagnosis. Copies numbers, and stops nobody for longer.</summary>
    MuxerState GetState() => new() { Sent = BytesSent, Received = BytesReceived };
}

/// <summary>What the streams of a muxer can do.</summary>
[Flags]
public enum MuxerCapabilities
{
    /// <summary>Nothing beyond bytes.</summary>
    None = 0,

    /// <summary>One direction ends while the other goes on.</summary>
    HalfClose = 1,

    /// <summary>A reset carries a code.</summary>
    ResetCodes = 2,

    /// <summary>Reading can be refused on its own, with a code (STOP_SENDING).</summary>
    StopSending = 4,
}
