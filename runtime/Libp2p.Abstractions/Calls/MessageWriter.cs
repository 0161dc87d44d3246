using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>
/// Sends the messages of one direction of an exchange. One writer at a time. What a generated <c>Open…Async</c> returns is its
/// caller's, who completes and disposes of it; the operation's limits go on applying until then.
/// </summary>
/// <remarks>
/// The upload is complete when <see cref="CompleteAsync"/> has ended our direction. Disposing of the writer before that, by an exception
/// or on purpose, resets the stream with <see cref="ErrorCode.Cancelled"/>: the responder's enumeration throws, and half an upload does
/// not pass for a whole one. So does the cancellation of the context's token, at once.
/// </remarks>
/// <typeparam name="T">The message's type.</typeparam>
public sealed class MessageWriter<T> : IAsyncDisposable
{
    private static readonly EndReason s_abandoned = new(
        EndedBy.Local, ErrorCode.Cancelled, "The writer was disposed of before it was completed (CompleteAsync)");

    private readonly P2PStream _stream;
    private readonly FrameWriter _frames;
    private readonly MessageCodec<T> _codec;
    private readonly Exchange _exchange;
    private readonly PerPeerStream<T>? _perPeer; // in place of the one stream: opened again when it breaks
    private UnusedDirection? _unused;
    private int _written; // messages in the stream's buffer
    private bool _isCompleted;

    internal MessageWriter(P2PStream stream, MessageCodec<T> codec, MessageFraming framing, int maxLength, Exchange exchange)
    {
        _stream = stream;
        _frames = new FrameWriter(stream.MessageOutput, framing, new FrameRules(stream.Protocol.Value, exchange.Limits.MaxSend ?? maxLength), stream.Scope);
        _codec = codec;
        _exchange = exchange;
    }

    /// <summary>A writer whose stream is replaced when it breaks.</summary>
    /// <param name="first">Of the first stream, which is not this one's any more.</param>
    /// <param name="perPeer">Writes.</param>
    internal MessageWriter(MessageWriter<T> first, PerPeerStream<T> perPeer)
    {
        (_stream, _frames, _codec, _exchange) = (first._stream, first._frames, first._codec, first._exchange);
        _perPeer = perPeer;
    }

    /// <summary>The agreed id; with <see cref="PerPeerAttribute"/> that of the stream that was opened last.</summary>
    public ProtocolId Protocol => _perPeer?.Protocol ?? _stream.Protocol;

    /// <summary>Sends a message: it is in the bounded send queue when the task completes, and waits while the remote does not read.</summary>
    /// <param name="message">Lent until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait. The message stays in order: it is sent whole or, with the stream, not at all.</param>
    /// <exception cref="LimitExceededException">The message is longer than the operation allows; nothing was sent.</exception>
    /// <exception cref="StreamResetException">The remote reads no more, ended the stream, or reset it.</exception>
    /// <exception cref="DeadlineExceededException">The operation's time is over.</exception>
    /// <remarks>
    /// With <see cref="PerPeerAttribute"/> it waits while the stream is being opened again, and a message that a breaking stream did not
    /// accept goes out on the next one, after the hello; what was accepted and not yet sent is lost. The waiting is bounded: after eight
    /// failed attempts in a row, some 25 seconds apart from their own time, the writer is given up and throws what the last one failed with.
    /// </remarks>
    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken = default)
    {
        await _exchange.Enter();
        if (_perPeer is not null)
        {
            await _perPeer.WriteAsync(message, cancellationToken);
            return;
        }

        using JoinedToken token = _exchange.Join(cancellationToken);
        try
        {
            await SendAsync(message, token.Token);
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

    /// <summary>Flushes, and ends our direction: the upload is complete. Idempotent.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StreamResetException">The remote ended the stream before, or reset it.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        await _exchange.Enter();
        if (_perPeer is not null)
        {
            await _perPeer.CompleteAsync(cancellationToken);
            return;
        }

        using JoinedToken token = _exchange.Join(cancellationToken);
        try
        {
            await FlushAsync(andClose: true, token.Token);
        }
        catch (Exception e) when (_exchange.TryExplain(e, cancellationToken, out Exception? explained))
        {
            throw explained;
        }
    }

    /// <summary>Ends the stream at once; the remote sees a reset and not a complete exchange. Idempotent.</summary>
    public void Reset(ErrorCode code = default)
    {
        if (_perPeer is not null)
        {
            _perPeer.Reset(code);
            return;
        }

        _stream.Reset(code);
    }

    /// <summary>
    /// Ends the stream and waits until nothing of it is running: in order where the writer was completed or the remote has ended the
    /// stream, else with a reset. Idempotent.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _exchange.Enter();
        await (_perPeer?.DisposeAsync() ?? DisposeAsync(isComplete: _isCompleted));
    }

    /// <summary>Ends the stream.</summary>
    /// <param name="isComplete">Whether in order; otherwise with a reset, unless the remote has ended it in order.</param>
    internal async ValueTask DisposeAsync(bool isComplete)
    {
        await _exchange.Enter();
        if (!isComplete && _unused is not { IsOver: true })
        {
            _stream.Reset(s_abandoned);
        }

        await (_unused?.StopAsync() ?? Task.CompletedTask);
        _exchange.Dispose();
        await _stream.FinishAsync();
    }

    /// <summary>The other direction is unused: what comes on it ends the writer.</summary>
    internal MessageWriter<T> WatchingForEnd()
    {
        _unused = UnusedDirection.Watch(_stream, _exchange);
        return this;
    }

    /// <summary>What ended its stream, where that is known.</summary>
    internal Exception? EndCause => _unused?.Outcome ?? (_stream.End is { } end ? new StreamResetException($"{_stream.Protocol}: {end.Reason}", end) : null);

    /// <summary>With <see cref="PerPeerAttribute"/>: the streams behind it.</summary>
    internal PerPeerStream<T>? PerPeer => _perPeer;

    /// <summary>Whether our direction was ended by <see cref="CompleteAsync"/>.</summary>
    internal bool IsCompleted => _isCompleted;

    /// <summary>Completes when its stream has ended, nothing more may be written on it, or the wait is given up.</summary>
    internal async Task EndedAsync(CancellationToken giveUp = default)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = _exchange.Token.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetResult(), ended);
        using CancellationTokenRegistration givenUp = giveUp.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), ended);
        await ended.Task;
    }

    /// <summary>Nothing more may be written on its stream.</summary>
    internal void End(Exception cause) => _exchange.End(cause);

    /// <summary>Puts a message into the stream's buffer.</summary>
    internal void Write(T message)
    {
        if (message is null)
        {
            ThrowNull();
        }

        try
        {
            _exchange.Sent(_frames.Write(message, _codec));
            _written++;
        }
        catch (Exception e) when (_frames.IsBroken)
        {
            _stream.Reset(_exchange.ReasonFor(e)); // half a message lies in the buffer: nothing may follow it
            throw;
        }
    }

    /// <summary>Sends all that a handler streams.</summary>
    internal async ValueTask SendAllAsync(IAsyncEnumerable<T> messages)
    {
        await foreach (T message in messages.WithCancellation(_exchange.Token))
        {
            try
            {
                await SendAsync(message, _exchange.Token);
            }
            catch (Exception e)
            {
                _exchange.OnHandlersFailure(e); // before the enumerator is left
                throw;
            }
        }
    }

    /// <summary>Hands the buffer to the stream.</summary>
    /// <returns>False where the remote reads no more.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            if ((await _frames.FlushAsync(cancellationToken)).IsCompleted)
            {
                return false;
            }
        }
        catch (Exception e) when (_frames.IsBroken)
        {
            _stream.Reset(_exchange.ReasonFor(e)); // a part of a large message is sent, and its rest will not be
            throw;
        }

        Taken();
        return true;
    }

    /// <summary>Hands the buffer to the stream, and the stream to the remote.</summary>
    /// <param name="andClose">Whether our direction ends with it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask FlushAsync(bool andClose, CancellationToken cancellationToken)
    {
        bool isTaken = (andClose && !_frames.HasRest) || await TryFlushAsync(cancellationToken);
        if (!isTaken)
        {
            EndReason reason = _stream.End is { IsClean: false } end ? end : CallFailure.RemoteEnded;
            throw new StreamResetException($"{_stream.Protocol}: {reason.Reason}", reason);
        }

        if (andClose)
        {
            await _stream.EndWriteAsync(cancellationToken);
            _isCompleted = true;
            Taken();
        }
    }

    [DoesNotReturn]
    private void ThrowNull() => throw (_exchange.IsCall
        ? new ArgumentNullException("message", $"{_stream.Protocol}: null is no message.")
        : new InvalidOperationException($"{_stream.Protocol}: the handler returned null where a message is due; only an optional reply (ValueTask<T?>) may be null."));

    private void Taken()
    {
        _exchange.Taken(_written);
        _written = 0;
    }

    /// <summary>Sends a message within an exchange.</summary>
    internal ValueTask SendAsync(T message, CancellationToken cancellationToken)
    {
        Write(message);
        return FlushAsync(andClose: false, cancellationToken);
    }
}
