using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Muxers.Yamux;

/// <content>Opening and accepting: who waits, and for how long.</content>
internal sealed partial class YamuxConnection
{
    private readonly StreamAcceptor _acceptor;
    private LinkedList<TaskCompletionSource>? _opening; // callers that wait to open

    /// <inheritdoc/>
    public ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream>(cancellationToken);
        }

        return TryOpen(hasTurn: false, out IMuxedStream? stream, out TaskCompletionSource? turn)
            ? new ValueTask<IMuxedStream>(stream)
            : WaitToOpenAsync(turn, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<IMuxedStream?>(cancellationToken);
        }

        ValueTask<IMuxedStream?> result;
        SessionEffects effects;
        lock (Gate)
        {
            SessionStream? stream = _session.TryAccept(Now);
            result = stream is not null || _session.EndReason is not null
                ? new ValueTask<IMuxedStream?>((YamuxStream?)stream)
                : _acceptor.Wait(cancellationToken);
            effects = Settle();
        }

        Run(effects);
        return result;
    }

    private bool TryOpen(
        bool hasTurn, [NotNullWhen(true)] out IMuxedStream? stream, [NotNullWhen(false)] out TaskCompletionSource? turn)
    {
        turn = null;
        OpenAnswer answer;
        SessionEffects effects;
        lock (Gate)
        {
            answer = _session.TryOpen(hasTurn || _opening is not { Count: > 0 }, out SessionStream? opened, Now);
            stream = (YamuxStream?)opened;
            if (answer == OpenAnswer.Wait)
            {
                turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _opening ??= new LinkedList<TaskCompletionSource>();
                _ = hasTurn ? _opening.AddFirst(turn) : _opening.AddLast(turn);
            }

            Memory.KeepSpare(_session.StreamCount > 0);
            effects = Settle();
        }

        Run(effects);
        return stream is not null || (turn is null ? throw Refusal(answer) : false);
    }

    private Libp2pException Refusal(OpenAnswer answer) => answer switch
    {
        OpenAnswer.Congested => new LimitExceededException($"The remote at {RemoteAddress} does not read what it is sent"),
        OpenAnswer.TooMany => new LimitExceededException(
            $"{_session.Table.Outbound} streams of ours are open on the connection to {RemoteAddress}, as many as may be"),
        OpenAnswer.Exhausted => new ConnectionClosedException(
            $"The connection to {RemoteAddress} has used up its stream numbers",
            new EndReason(EndedBy.Limit, ErrorCode.None, "The stream numbers are used up")),
        _ => Closed((_session.EndReason ?? _session.GoingAway)!),
    };

    private ConnectionClosedException Closed(EndReason reason) =>
        new($"The connection to {RemoteAddress} is closed: {reason}", reason);

    private async ValueTask<IMuxedStream> WaitToOpenAsync(TaskCompletionSource turn, CancellationToken cancellationToken)
    {
        await Scheduler.Enter();
        while (true)
        {
            try
            {
                await TurnAsync(turn).WaitAsync(cancellationToken);
                if (TryOpen(hasTurn: true, out IMuxedStream? stream, out TaskCompletionSource? next))
                {
                    WakeOpeners(all: false); // there may be room for more: several acknowledgements wake one
                    return stream;
                }

                turn = next;
            }
            catch (Exception exception) when (exception is OperationCanceledException or Libp2pException)
            {
                PassTurn(turn); // it was not used
                throw;
            }
        }
    }

    /// <summary>An async method between, so that cancelling the wait stays on the node's scheduler (docs/simulation.md).</summary>
    private static async Task TurnAsync(TaskCompletionSource turn) => await turn.Task;

    private void PassTurn(TaskCompletionSource turn)
    {
        bool hadTurn;
        lock (Gate)
        {
            hadTurn = !_opening!.Remove(turn);
        }

        if (hadTurn)
        {
            WakeOpeners(all: false);
        }
    }

    private void WakeOpeners(bool all)
    {
        do
        {
            TaskCompletionSource? turn;
            lock (Gate)
            {
                turn = _opening?.First?.Value;
                if (turn is null)
                {
                    return;
                }

                _opening!.RemoveFirst();
            }

            turn.TrySetResult();
        }
        while (all);
    }
}
