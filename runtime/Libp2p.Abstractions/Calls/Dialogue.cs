using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// Typed messages in an order the protocol agrees on, in either direction; either side may then take over the raw stream. One
/// reader and one writer at a time.
/// </summary>
/// <remarks>
/// What an initiator opened is its own, who disposes of it. It is complete when our direction was ended (<see cref="CompleteAsync"/>), when
/// the end of the remote's messages was received and nothing was sent after it, or when it was detached: disposing of it earlier, by an
/// exception or on purpose, resets the stream with <see cref="ErrorCode.Cancelled"/>, and so does the cancellation of the context's token,
/// at once. A handler's dialogue ends with the handler: in order when it returns, with a reset when it throws.
/// </remarks>
/// <typeparam name="TReceived">What this side receives.</typeparam>
/// <typeparam name="TSent">What this side sends.</typeparam>
public sealed class Dialogue<TReceived, TSent> : IAsyncDisposable
{
    private readonly P2PStream _stream;
    private readonly MessageReader<TReceived> _reader;
    private readonly MessageWriter<TSent> _writer;
    private readonly Exchange _exchange;
    private bool _isDisposed;
    private volatile bool _isReadToEnd; // and nothing was sent since

    internal Dialogue(P2PStream stream, MessageReader<TReceived> reader, MessageWriter<TSent> writer, Exchange exchange) =>
        (_stream, _reader, _writer, _exchange) = (stream, reader, writer, exchange);

    /// <summary>The agreed id.</summary>
    public ProtocolId Protocol => _stream.Protocol;

    /// <summary>The next message.</summary>
    /// <exception cref="ProtocolViolationException">The stream ended instead, or the message breaks a rule.</exception>
    /// <exception cref="DeadlineExceededException">It did not come in time.</exception>
    /// <exception cref="ObjectDisposedException">The dialogue was disposed of meanwhile.</exception>
    public async ValueTask<TReceived> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        await _exchange.Enter();
        Received<TReceived> received = await TryReceiveAsync(cancellationToken);
        if (received.HasMessage)
        {
            return received.Message;
        }

        if (_isDisposed)
        {
            throw Disposed();
        }

        ProtocolViolationException missing = new($"{_stream.Protocol}: the remote ended the stream where a message was due");
        _stream.Reset(missing.Reason);
        throw missing;
    }

    /// <summary>The next message, or none at the end of the stream.</summary>
    /// <exception cref="ProtocolViolationException">The message breaks a rule.</exception>
    /// <exception cref="DeadlineExceededException">It did not come in time.</exception>
    public async ValueTask<Received<TReceived>> TryReceiveAsync(CancellationToken cancellationToken = default)
    {
        await _exchange.Enter();
        using JoinedToken token = _exchange.Join(cancellationToken);
        try
        {
            Received<TReceived> received = await _reader.ReadAsync(token.Token);
            _isReadToEnd |= !received.HasMessage;
            return received;
        }
        catch (ProtocolViolationException) when (_isDisposed)
        {
            throw Disposed(); // nobody reads what would have completed the message
        }
        catch (ProtocolViolationException e) when (!_exchange.IsOver)
        {
            _stream.Reset(e.Reason); // whoever disposes of the dialogue afterwards would end it in order, and the remote not know why
            throw;
        }
        catch (Exception e)
        {
            _exchange.OnHandlersFailure(e);
            if (_exchange.TryExplain(e, cancellationToken, out Exception? explained))
            {
                throw explained;
            }

            throw;
        }
    }

    /// <summary>The next message as the caller's own, which nothing takes back.</summary>
    internal async ValueTask<TReceived> ReceiveOwnedAsync(CancellationToken cancellationToken) =>
        _reader.ToOwned(await ReceiveAsync(cancellationToken));

    /// <summary>Sends a message: it is in the bounded send queue when the task completes.</summary>
    public ValueTask SendAsync(TSent message, CancellationToken cancellationToken = default)
    {
        _isReadToEnd = false; // what follows the remote's end is complete only with an end of its own
        return _writer.WriteAsync(message, cancellationToken);
    }

    /// <summary>Ends our direction: what was sent is complete. Receiving goes on. Idempotent.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => _writer.CompleteAsync(cancellationToken);

    /// <summary>
    /// Takes over the raw stream, unread bytes included: the dialogue is over, its time limits no longer apply, and the caller
    /// disposes of the stream. A message of bytes that was received last is no longer lent.
    /// </summary>
    public P2PStream Detach()
    {
        if (_reader.TakeUnread() is { } unread)
        {
            _stream.Unread(unread);
        }

        _exchange.Dispose();
        return _stream.Detach();
    }

    /// <summary>
    /// Ends the stream, unless it was detached: in order where the dialogue is complete, else with a reset. At the responder it ends
    /// nothing, which the handler's return or exception does. Idempotent.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        if (_stream.IsDetached)
        {
            return ValueTask.CompletedTask;
        }

        _isDisposed = true;
        _reader.Release();
        return _exchange.IsCall ? _writer.DisposeAsync(isComplete: _writer.IsCompleted || _isReadToEnd) : ValueTask.CompletedTask;
    }

    private ObjectDisposedException Disposed() => new(_stream.Protocol.Value, "The dialogue was disposed of while a message was waited for.");

    /// <summary>Leaves the caller's context for the node's scheduler.</summary>
    internal NodeScheduler.Entry Enter() => _exchange.Enter();

    /// <summary>How its stream ended; null while it has not.</summary>
    internal EndReason? End => _stream.End;

    /// <summary>Ends the stream at once.</summary>
    internal void Reset(EndReason reason) => _stream.Reset(reason);
}

/// <summary>A message, or the end of the stream. A message of no bytes is a message.</summary>
/// <typeparam name="T">The message's type.</typeparam>
public readonly struct Received<T>
{
    private readonly T _message;

    internal Received(T message) => (_message, HasMessage) = (message, true);

    /// <summary>Whether there is a message; otherwise the stream has ended.</summary>
    public bool HasMessage { get; }

    /// <summary>The message.</summary>
    /// <exception cref="InvalidOperationException">The stream has ended.</exception>
    public T Message => HasMessage ? _message : throw new InvalidOperationException("The stream has ended.");
}
