using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Libp2p;

/// <summary>
/// The messages that an initiator streams to a handler. Nothing is read before it is asked for; leaving early refuses what is
/// still to come.
/// </summary>
/// <param name="reader">Reads them.</param>
/// <param name="stream">Carries them.</param>
/// <param name="exchange">Its clock and token.</param>
/// <param name="isAnswered">
/// Whether the initiator waits for an answer too. Otherwise a refusal is all that it sees, so the refusal waits for the handler: left by an
/// exception, the messages end with its code and not as though enough of them had come.
/// </param>
internal sealed class InboundMessages<T>(MessageReader<T> reader, P2PStream stream, Exchange exchange, bool isAnswered)
    : IAsyncEnumerable<T>, IAsyncEnumerator<T>
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _stopped; // of who waits for a read to end
    private JoinedToken _token;
    private Exception? _failure;
    private bool _isStarted;
    private bool _isReading;
    private bool _isOver;

    public T Current { get; private set; } = default!;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (_isStarted)
        {
            throw new InvalidOperationException("The messages of one stream are enumerated once.");
        }

        _isStarted = true;
        _token = exchange.Join(cancellationToken);
        return this;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync()
    {
        if (!TryBegin())
        {
            return false;
        }

        bool hasMessage = false;
        try
        {
            Received<T> received = await reader.ReadAsync(_token.Token);
            hasMessage = received.HasMessage;
            Current = hasMessage ? received.Message : default!;
            return hasMessage;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _failure = e;
            exchange.OnHandlersFailure(e);
            throw;
        }
        finally
        {
            EndRead(isOver: !hasMessage);
        }
    }

    /// <summary>Leaves the messages, at their end or before.</summary>
    public ValueTask DisposeAsync()
    {
        bool isEarly;
        lock (_gate)
        {
            isEarly = !_isOver;
            _isOver = true;
        }

        _token.Dispose();
        reader.Release();
        if (isEarly && isAnswered && !stream.IsDetached)
        {
            stream.CloseRead();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Runs the handler, and ends the reading with it.</summary>
    public async ValueTask ServeAsync(Func<ValueTask> handle)
    {
        try
        {
            await handle();
            await StopAsync();
            ThrowIfFailed();
        }
        catch (Exception e)
        {
            await StopAsync();
            if (exchange.TryExplain(e, out Exception? explained))
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>The handler is done: nothing is read any more when this completes.</summary>
    private async ValueTask StopAsync()
    {
        TaskCompletionSource? stopped = null;
        lock (_gate)
        {
            _isOver = true;
            if (_isReading)
            {
                stopped = _stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (stopped is not null)
        {
            exchange.Cancel();
            await stopped.Task;
        }

        reader.Release();
    }

    /// <summary>Throws what a read failed with: the exchange fails with it, whatever the handler made of it.</summary>
    internal void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private bool TryBegin()
    {
        lock (_gate)
        {
            return !_isOver && (_isReading = true);
        }
    }

    private void EndRead(bool isOver)
    {
        lock (_gate)
        {
            _isReading = false;
            _isOver |= isOver;
        }

        _stopped?.SetResult();
    }
}
