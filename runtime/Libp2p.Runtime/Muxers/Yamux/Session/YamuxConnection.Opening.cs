using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>Opening, which waits while too many streams are unacknowledged, and accepting.</content>
internal sealed partial class YamuxConnection
{
    private readonly LinkedList<TaskCompletionSource> _opening = new();
    private TaskCompletionSource? _acceptor;

    /// <inheritdoc/>
    public ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream>(cancellationToken);
        }

        return TryOpen(out YamuxStream? stream, out TaskCompletionSource? turn)
            ? new ValueTask<IMuxedStream>(stream!)
            : WaitToOpenAsync(turn!, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream?>(cancellationToken);
        }

        return TryAccept(out YamuxStream? stream, out TaskCompletionSource? turn)
            ? new ValueTask<IMuxedStream?>(stream)
            : WaitToAcceptAsync(turn!, cancellationToken);
    }

    /// <summary>The remote acknowledged one of our streams, or it is over: another may be opened.</summary>
    public void OnAcknowledged()
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            _table.Acknowledge();
            next = TakeTurn();
        }

        next?.TrySetResult();
    }

    private bool TryOpen(out YamuxStream? stream, out TaskCompletionSource? turn, bool hasTurn = false)
    {
        stream = null;
        turn = null;
        bool wake;
        lock (_gate)
        {
            ThrowIfClosed();
            OpenAnswer answer = IsCongested ? OpenAnswer.TooMany : _table.AskToOpen();
            if (answer == OpenAnswer.Yes && _opening.Count > 0 && !hasTurn)
            {
                answer = OpenAnswer.Wait; // others came first
            }

            switch (answer)
            {
                case OpenAnswer.Yes:
                    stream = new YamuxStream(this, _table.TakeId(), Direction.Outbound);
                    _table.Add(stream);
                    Memory.KeepSpare(true);
                    wake = Outbox.AddControl(stream); // here, so that SYNs leave in the order of their numbers
                    break;
                case OpenAnswer.Wait:
                    turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (hasTurn)
                    {
                        _opening.AddFirst(turn);
                    }
                    else
                    {
                        _opening.AddLast(turn);
                    }

                    return false;
                case OpenAnswer.TooMany:
                    throw new LimitExceededException(IsCongested
                        ? $"The remote at {RemoteAddress} does not read what it is sent"
                        : $"{_table.Outbound} streams of ours are open on the connection to {RemoteAddress}");
                default:
                    throw new ConnectionClosedException(
                        $"The connection to {RemoteAddress} has used up its stream numbers",
                        new EndReason(EndedBy.Limit, ErrorCode.None, "The stream numbers are used up"));
            }
        }

        if (wake)
        {
            Outbox.Wake();
        }

        return true;
    }

    private async ValueTask<IMuxedStream> WaitToOpenAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        while (true)
        {
            try
            {
                await TurnAsync(turn).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                PassTurn(turn);
                throw;
            }

            TaskCompletionSource? next;
            try
            {
                if (TryOpen(out YamuxStream? stream, out next, hasTurn: true))
                {
                    return stream!;
                }
            }
            catch (Libp2pException)
            {
                PassTurn(turn); // it was not used
                throw;
            }

            turn = next!;
        }
    }

    /// <summary>An async method between, so that cancelling the wait stays on the node's scheduler (docs/simulation.md).</summary>
    private static async Task TurnAsync(TaskCompletionSource turn) => await turn.Task;

    private void PassTurn(TaskCompletionSource turn)
    {
        TaskCompletionSource? next;
        lock (_gate)
        {
            next = _opening.Remove(turn) ? null : TakeTurn();
        }

        next?.TrySetResult();
    }

    private TaskCompletionSource? TakeTurn()
    {
        TaskCompletionSource? turn = _opening.First?.Value;
        if (turn is not null)
        {
            _opening.RemoveFirst();
        }

        return turn;
    }

    private bool TryAccept(out YamuxStream? stream, out TaskCompletionSource? turn)
    {
        turn = null;
        lock (_gate)
        {
            stream = null;
            if (_end is not null)
            {
                return true;
            }

            stream = _accepting.TakeFirst();
            if (stream is null)
            {
                if (_acceptor is not null)
                {
                    throw new InvalidOperationException("Somebody is accepting already.");
                }

                turn = _acceptor = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return false;
            }
        }

        stream.Accept();
        return true;
    }

    private async ValueTask<IMuxedStream?> WaitToAcceptAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        while (true)
        {
            try
            {
                await TurnAsync(turn).WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Interlocked.CompareExchange(ref _acceptor, null, turn);
                throw;
            }

            if (TryAccept(out YamuxStream? stream, out TaskCompletionSource? next))
            {
                return stream;
            }

            turn = next!;
        }
    }

    private void ThrowIfClosed()
    {
        if ((_end ?? _goingAway) is { } reason)
        {
            throw new ConnectionClosedException($"The connection to {RemoteAddress} is closed: {reason}", reason);
        }
    }
}
