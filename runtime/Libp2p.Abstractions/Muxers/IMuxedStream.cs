using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>
/// One stream of a connection, before and under its protocol. Closing the write side, refusing to read, and resetting are three
/// things, and stay three in each layer above.
/// </summary>
/// <remarks>
/// Input: ends (<see cref="ReadResult.IsCompleted"/>) when the remote closed its write side and all was read; fails with
/// <see cref="StreamResetException"/> when the stream was reset by us, or by the remote and what came before was read, and with <see cref="ConnectionClosedException"/> when its connection
/// ended. What the reader has not consumed is not credited to the remote. Output: a flush completes when the bytes have been taken
/// into the bounded send queue, and waits while the remote's window is shut. Completing the output without an exception is
/// <see cref="CloseWriteAsync"/>, with one a reset; completing the input is <see cref="CloseRead"/>.
/// One reader and one writer at a time; the rest is thread-safe.
/// </remarks>
public interface IMuxedStream : IDuplexPipe, IAsyncDisposable
{
    /// <summary>The muxer's number, unique in the connection for its life.</summary>
    long Id { get; }

    /// <summary>Which end opened it.</summary>
    Direction Direction { get; }

    /// <summary>Flushes, and ends our direction. Idempotent. Reading goes on.</summary>
    ValueTask CloseWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads no more: what has arrived and what will arrive is dropped, and the remote is told where the muxer can
    /// (<see cref="MuxerCapabilities.StopSending"/>). Writing goes on. Idempotent.
    /// </summary>
    void CloseRead(ErrorCode code);

    /// <summary>Ends both directions at once; the first reason wins. What was not yet sent is dropped. Idempotent.</summary>
    void Reset(EndReason reason);

    /// <summary>Why the stream ended; null while either direction is open.</summary>
    EndReason? End { get; }

    /// <summary>Cancelled when the stream is reset by either end or its connection has ended; not by an orderly close.</summary>
    CancellationToken Aborted { get; }
}
