using System.Diagnostics;
using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// A stream with its bytes: what its application does to the <see cref="SessionStream"/> that it is, under the connection's lock, and what
/// follows. The bytes are in its two halves.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed class YamuxStream : SessionStream, IMuxedStream
{
    private readonly YamuxConnection _connection;
    private readonly ReceiveHalf _receive;
    private readonly SendHalf _send;
    private CancellationTokenSource? _aborted;

    public YamuxStream(YamuxConnection connection, YamuxSession session, uint streamId, Direction direction)
        : base(session, streamId, direction)
    {
        _connection = connection;
        _receive = new ReceiveHalf(this, connection);
        _send = new SendHalf(this, connection);
    }

    /// <inheritdoc/>
    public long Id => StreamId;

    /// <inheritdoc/>
    public PipeReader Input => _receive;

    /// <inheritdoc/>
    public PipeWriter Output => _send;

    /// <inheritdoc/>
    public EndReason? End
    {
        get
        {
            lock (_connection.Gate)
            {
                return EndReason;
            }
        }
    }

    /// <inheritdoc/>
    public CancellationToken Aborted
    {
        get
        {
            lock (_connection.Gate)
            {
                if (_aborted is null && State.IsOver)
                {
                    return new CancellationToken(Failure != StreamFailure.None);
                }

                IsWatched = true;
                _aborted ??= new CancellationTokenSource();
                return _aborted.Token;
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CompleteWrite(null);
        await _send.WaitTakenAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void CloseRead(ErrorCode code) =>
        _connection.Change((this, code), static (end, now) => end.Item1.CloseRead(end.code, now));

    /// <inheritdoc/>
    public void Reset(EndReason reason) =>
        _connection.Change((this, reason), static (end, now) => end.Item1.Reset(end.reason, now), mayWrite: true);

    /// <summary>Ends our direction: in order without an exception, by a reset with one. Does not wait.</summary>
    public void CompleteWrite(Exception? exception)
    {
        if (exception is null)
        {
            _connection.Change(this, static (self, now) => self.CloseWrite(now), mayWrite: true);
        }
        else
        {
            Reset((exception as Libp2pException)?.Reason ?? new EndReason(EndedBy.Local, ErrorCode.None, exception.Message, exception));
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _connection.Change(
            this,
            static (self, now) =>
            {
                self.CloseWrite(now);
                self.CloseRead(ErrorCode.None, now);
                self.Abandon(now);
            },
            mayWrite: true);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc cref="ReceiveHalf.Begin"/>
    public void BeginReceiving() => _receive.Begin();

    /// <inheritdoc cref="ReceiveHalf.TryAppend"/>
    public bool TryReceive(ReadOnlySpan<byte> body) => _receive.TryAppend(body);

    /// <inheritdoc cref="ReceiveHalf.Commit"/>
    public int CommitReceived() => _receive.Commit();

    /// <inheritdoc cref="SendHalf.Copy"/>
    public void Copy(ref FrameSpan frames, int bytes) => _send.Copy(ref frames, bytes);

    /// <summary>Under the lock: the planned bytes were copied.</summary>
    public void EndCopy(int bytes)
    {
        _send.Consume(bytes);
        Copied();
    }

    /// <summary>Under the lock: does what has to be done under it.</summary>
    public void Settle(StreamEffects effects)
    {
        if ((effects & StreamEffects.ClearReceived) != 0)
        {
            _receive.Clear();
        }

        if ((effects & StreamEffects.ClearQueued) != 0)
        {
            _send.Clear();
        }
    }

    /// <summary>Outside the lock: does the rest.</summary>
    public void Run(StreamEffects effects)
    {
        if ((effects & StreamEffects.WakeReader) != 0)
        {
            _receive.Wake(isHere: false);
        }

        if ((effects & StreamEffects.WakeWriter) != 0)
        {
            _send.Wake();
        }

        if ((effects & StreamEffects.ReturnGrowth) != 0 && Growth > 0)
        {
            _connection.Memory.ReturnGrowth(Growth);
        }

        if ((effects & StreamEffects.Release) != 0)
        {
            _connection.Memory.ReturnStream();
        }

        if ((effects & StreamEffects.Abort) != 0)
        {
            _connection.Cancel(_aborted!);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"Yamux stream {StreamId} ({Direction})";

    /// <summary>Throws when what was asked for cannot be had.</summary>
    /// <param name="outcome">What a read or a flush found.</param>
    /// <param name="busy">What to say of another one that has not ended; null: it may be so.</param>
    public void ThrowIfFailed(WaitOutcome outcome, string? busy)
    {
        switch (outcome)
        {
            case WaitOutcome.WasReset:
                throw new StreamResetException($"Stream {StreamId} was reset: {EndReason}", EndReason!);
            case WaitOutcome.ConnectionEnded:
                throw new ConnectionClosedException($"Stream {StreamId} ended with its connection: {EndReason}", EndReason!);
            case WaitOutcome.Busy when busy is not null:
                throw new InvalidOperationException(busy);
        }
    }

    private void CloseWrite(long now)
    {
        if (!State.WriteClosed)
        {
            CloseWrite(_send.Commit(), now);
        }
    }
}
