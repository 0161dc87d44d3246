using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// One stream: its two halves, its state, and what it has to tell the remote. What the application does is here, what the session's
/// loops do in the other part. One lock guards all of it; what follows from a change is done after the lock was left
/// (<see cref="StreamEffects"/>), so nothing of the application ever runs under it.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed partial class YamuxStream : IMuxedStream
{
    private static readonly EndReason s_closedByUs = new(EndedBy.Local, ErrorCode.None, "Both ends closed the stream, we last");
    private static readonly EndReason s_closedByRemote = new(EndedBy.Remote, ErrorCode.None, "Both ends closed the stream, the remote last");

    /// <summary>The stream's place in a list of its session; the session's lock guards it.</summary>
    public StreamList.Place Place;

    private readonly YamuxConnection _connection;
    private readonly ReceiveHalf _receive;
    private readonly SendHalf _send;
    private YamuxStreamState _state;
    private Failure _failure;
    private EndReason? _end;
    private ErrorCode _readCode;
    private CancellationTokenSource? _aborted;

    public YamuxStream(YamuxConnection connection, uint streamId, Direction direction)
    {
        _connection = connection;
        _receive = new ReceiveHalf(this, connection);
        _send = new SendHalf(this, connection);
        StreamId = streamId;
        Direction = direction;
        _isSynDue = _isControlQueued = _isTaken = direction == Direction.Outbound;
    }

    private enum Failure : byte
    {
        None,
        Reset,
        ConnectionEnded,
    }

    /// <summary>Guards everything in the stream. Taken before the session's locks, never after.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Whether it has left its session's table.</summary>
    public bool IsOut { get; set; }

    /// <summary>The number on the wire.</summary>
    public uint StreamId { get; }

    /// <summary>Under the lock: how far it has come.</summary>
    public ref readonly YamuxStreamState State => ref _state;

    /// <inheritdoc/>
    public long Id => StreamId;

    /// <inheritdoc/>
    public Direction Direction { get; }

    /// <inheritdoc/>
    public PipeReader Input => _receive;

    /// <inheritdoc/>
    public PipeWriter Output => _send;

    /// <inheritdoc/>
    public EndReason? End
    {
        get
        {
            lock (Gate)
            {
                return _end;
            }
        }
    }

    /// <inheritdoc/>
    public CancellationToken Aborted
    {
        get
        {
            lock (Gate)
            {
                if (_aborted is null && _state.IsOver)
                {
                    return new CancellationToken(_failure != Failure.None);
                }

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
    public void CloseRead(ErrorCode code)
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (!_state.TryCloseRead())
            {
                return;
            }

            _readCode = code;
            effects = _receive.Arrived() | _receive.Drop() | LingerIfFinished();
        }

        Run(effects);
    }

    /// <inheritdoc/>
    public void Reset(EndReason reason)
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndNow(reason, Failure.Reset, tellRemote: true);
            if (_failure == Failure.Reset)
            {
                effects |= _receive.Drop(); // also what came before a reset of the remote
            }
        }

        Run(effects);
    }

    /// <summary>Ends our direction: in order without an exception, by a reset with one. Does not wait.</summary>
    public void CompleteWrite(Exception? exception)
    {
        if (exception is not null)
        {
            Reset((exception as Libp2pException)?.Reason ?? new EndReason(EndedBy.Local, ErrorCode.None, exception.Message, exception));
            return;
        }

        StreamEffects effects;
        lock (Gate)
        {
            if (!_state.TryCloseWrite())
            {
                return;
            }

            effects = _send.Commit() | LingerIfFinished();
        }

        Run(effects);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        CompleteWrite(null);
        CloseRead(ErrorCode.None);
        StreamEffects effects;
        lock (Gate)
        {
            effects = _receive.Abandon();
            _send.Abandon();
        }

        Run(effects);
        return ValueTask.CompletedTask;
    }

    /// <summary>What it looks like now.</summary>
    public YamuxStreamSnapshot Snapshot()
    {
        lock (Gate)
        {
            return new YamuxStreamSnapshot(
                StreamId,
                Direction,
                _state,
                _send.Window,
                _send.Queued,
                _send.IsWaiting,
                _receive.Window.Size,
                _receive.Window.Left,
                _receive.Buffered,
                _receive.IsWaiting,
                _send.Sent,
                _receive.Received);
        }
    }

    /// <summary>Under the lock: throws when the stream was reset.</summary>
    public void ThrowIfReset()
    {
        if (_failure == Failure.Reset)
        {
            ThrowReset();
        }
    }

    /// <summary>Under the lock: throws when the stream went with its connection.</summary>
    public void ThrowIfConnectionEnded()
    {
        if (_failure == Failure.ConnectionEnded)
        {
            ThrowConnectionEnded();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"Yamux stream {StreamId} ({Direction})";

    [DoesNotReturn]
    private void ThrowReset() => throw new StreamResetException($"Stream {StreamId} was reset: {_end}", _end!);

    [DoesNotReturn]
    private void ThrowConnectionEnded() =>
        throw new ConnectionClosedException($"Stream {StreamId} ended with its connection: {_end}", _end!);
}
