using System.Buffers;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>Reads the messages of one direction of an exchange.</summary>
/// <remarks>A message of bytes is lent until the next read, <see cref="Release"/> or disposal; others keep nothing of the stream.</remarks>
internal sealed class MessageReader<T> : IDisposable
{
    private readonly FrameReader _frames;
    private readonly MessageCodec<T> _codec;
    private readonly Exchange _exchange;
    private readonly P2PStream _stream;
    private bool _isOwn; // the last message keeps nothing of the stream

    public MessageReader(P2PStream stream, MessageCodec<T> codec, MessageFraming framing, int maxLength, Exchange exchange)
    {
        _frames = new FrameReader(stream.MessageInput, framing, new FrameRules(stream.Protocol.Value, maxLength), codec.WantsOnePiece, stream.Scope);
        _codec = codec;
        _exchange = exchange;
        _stream = stream;
    }

    /// <summary>Whether a byte of any message has arrived.</summary>
    public bool HasSeenBytes => _frames.HasSeenBytes;

    /// <summary>Whether a message has arrived in part.</summary>
    public bool IsInsideMessage => _frames.IsInsideFrame;

    /// <summary>The next message, or none at the end of the stream.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received<T>> ReadAsync(CancellationToken cancellationToken)
    {
        long before = _frames.BytesRead;
        try
        {
            if (!await _frames.ReadAsync(_exchange, cancellationToken))
            {
                return default;
            }

            _exchange.Received(_frames.BytesRead - before);
            _isOwn = IsOwn(_frames.Payload);
            T message = Decode(_frames.Payload, isKept: _isOwn);
            if (_isOwn)
            {
                _frames.Release();
            }

            return new Received<T>(message);
        }
        catch (LimitExceededException e)
        {
            _stream.Reset(e.Reason); // there is no memory for the message, so the stream is of no more use
            throw;
        }
    }

    /// <summary>The next message, which keeps nothing of the stream, or none at the end of the stream.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received<T>> ReadOwnedAsync(CancellationToken cancellationToken)
    {
        Received<T> received = await ReadAsync(cancellationToken);
        return received.HasMessage ? new Received<T>(ToOwned(received.Message)) : received;
    }

    /// <summary>
    /// All frames up to the end of the stream as one message, which keeps nothing of the stream; none where the stream ended before a
    /// frame. Each frame is a protobuf message, and these merge by standing one after another: the limit on elements bounds all of them.
    /// </summary>
    public async ValueTask<Received<T>> ReadMergedAsync(int maxFrames, CancellationToken cancellationToken)
    {
        MessageBytes whole = new(new MessageMemory(_stream.Scope, _stream.Protocol.Value));
        try
        {
            Received<T> merged = default;
            int frames = 0;
            for (long before = _frames.BytesRead; await _frames.ReadAsync(_exchange, cancellationToken); before = _frames.BytesRead)
            {
                _exchange.Received(_frames.BytesRead - before);
                if (++frames > maxFrames)
                {
                    throw new ProtocolViolationException($"{_stream.Protocol}: a message of more than {maxFrames} frames");
                }

                merged = new Received<T>(Decode(_frames.Payload, isKept: true));
                whole.Append(_frames.Payload, _frames.Payload.Length, inOnePiece: false);
            }

            if (frames <= 1)
            {
                return merged;
            }

            _frames.Keep(whole.Length);
            return new Received<T>(Decode(whole.Sequence, isKept: false));
        }
        catch (LimitExceededException e)
        {
            _stream.Reset(e.Reason);
            throw;
        }
        finally
        {
            _frames.Release();
            whole.Clear();
        }
    }

    /// <summary>The message, which was just read, as the caller's own; what was lent is taken back.</summary>
    public T ToOwned(T message)
    {
        T owned = _isOwn ? message : _codec.ToOwned(message);
        _frames.Release();
        return owned;
    }

    /// <summary>
    /// The next request of an inbound stream: the only one, or with reuse one after another until the initiator ends the stream
    /// or has been silent for too long.
    /// </summary>
    /// <param name="settings">Says whether there is reuse.</param>
    /// <param name="maxFrames">Without reuse: of how many frames the request may be merged; null where it is one.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received<T>> ReadRequestAsync(OperationSettings settings, int? maxFrames = null)
    {
        if (settings.Request.ReuseIdle is null)
        {
            Received<T> only = maxFrames is { } most ? await ReadMergedAsync(most, _exchange.Token) : await ReadAsync(_exchange.Token);
            return only.HasMessage
                ? only
                : throw new ProtocolViolationException($"{_stream.Protocol}: the remote ended the stream where a request was due");
        }

        _exchange.BeginPause();
        try
        {
            Received<T> next = await ReadAsync(_exchange.Token);
            if (next.HasMessage)
            {
                _exchange.EndPause(); // which a request that came in parts did with its first byte
            }

            return next;
        }
        catch (OperationCanceledException) when (_exchange.IsOver && !IsInsideMessage)
        {
            return default;
        }
    }

    /// <summary>The message that stands before a dialogue or before bytes; it keeps nothing of the stream, which is somebody else's next.</summary>
    public async ValueTask<T> ReadFirstAsync(OperationSettings settings) => ToOwned((await ReadRequestAsync(settings)).Message);

    /// <summary>Takes lent bytes back.</summary>
    public void Release() => _frames.Release();

    /// <summary>Counts what is about to be made of the bytes that were read, until the next read.</summary>
    public void Keep() => _frames.Keep();

    /// <summary>What has arrived of a message that is not complete, for whoever reads the stream next; null where nothing has.</summary>
    public byte[]? TakeUnread() => _frames.TakeUnread();

    public void Dispose()
    {
        _frames.Release();
        _frames.Dispose();
    }

    /// <summary>Whether a message made of these bytes keeps none of them: bytes that are wanted in one piece and lie in several are copied.</summary>
    private bool IsOwn(in ReadOnlySequence<byte> payload) => !_codec.KeepsSource || (_codec.WantsOnePiece && !payload.IsSingleSegment);

    private T Decode(ReadOnlySequence<byte> payload, bool isKept)
    {
        try
        {
            if (isKept)
            {
                _frames.Keep();
            }

            return _codec.Read(payload, _exchange.Limits.MaxElements);
        }
        catch (Exception e)
        {
            _frames.Release(); // before the stream is ended
            if (e is ProtocolViolationException)
            {
                throw new ProtocolViolationException($"{_stream.Protocol}: {e.Message}", e);
            }

            throw;
        }
    }
}
