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
    private readonly ProtocolId _protocol;

    public MessageReader(P2PStream stream, MessageCodec<T> codec, MessageFraming framing, int maxLength, Exchange exchange)
    {
        _frames = new FrameReader(stream.MessageInput, framing, new FrameRules(stream.Protocol.Value, maxLength), codec.WantsOnePiece);
        _codec = codec;
        _exchange = exchange;
        _protocol = stream.Protocol;
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
        if (!await _frames.ReadAsync(_exchange, cancellationToken))
        {
            return default;
        }

        _exchange.Received(_frames.BytesRead - before);
        T message = Decode(_frames.Payload);
        if (!_codec.KeepsSource)
        {
            _frames.Release();
        }

        return new Received<T>(message);
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
        ArrayBufferWriter<byte> whole = new();
        Received<T> merged = default;
        int frames = 0;
        for (long before = _frames.BytesRead; await _frames.ReadAsync(_exchange, cancellationToken); before = _frames.BytesRead)
        {
            _exchange.Received(_frames.BytesRead - before);
            if (++frames > maxFrames)
            {
                _frames.Release();
                throw new ProtocolViolationException($"{_protocol}: a message of more than {maxFrames} frames");
            }

            merged = new Received<T>(Decode(_frames.Payload));
            foreach (ReadOnlyMemory<byte> segment in _frames.Payload)
            {
                whole.Write(segment.Span);
            }
        }

        return frames > 1 ? new Received<T>(Decode(new ReadOnlySequence<byte>(whole.WrittenMemory))) : merged;
    }

    /// <summary>The message, which was just read, as the caller's own; what was lent is taken back.</summary>
    public T ToOwned(T message)
    {
        T owned = _codec.KeepsSource ? _codec.ToOwned(message) : message;
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
                : throw new ProtocolViolationException($"{_protocol}: the remote ended the stream where a request was due");
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

    /// <summary>What has arrived of a message that is not complete, for whoever reads the stream next; null where nothing has.</summary>
    public byte[]? TakeUnread() => _frames.TakeUnread();

    public void Dispose()
    {
        _frames.Release();
        _frames.Dispose();
    }

    private T Decode(ReadOnlySequence<byte> payload)
    {
        try
        {
            return _codec.Read(payload, _exchange.Limits.MaxElements);
        }
        catch (Exception e)
        {
            _frames.Release(); // before anyone ends the stream
            if (e is ProtocolViolationException)
            {
                throw new ProtocolViolationException($"{_protocol}: {e.Message}", e);
            }

            throw;
        }
    }
}
