using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Buffers;

namespace Libp2p.Security.Noise;

/// <summary>
/// Decrypts on demand: a read that finds nothing decrypted reads the link, and decrypts all frames that have arrived whole into
/// pooled memory. There is no task and no pipe in between, so what is not read stays in the link and slows the remote down.
/// </summary>
/// <remarks>Owns the link's input and the key. One reader at a time; <see cref="CancelPendingRead"/> and completion are thread-safe.</remarks>
internal sealed class NoiseReader(PipeReader link, CipherState cipher) : PipeReader
{
    private readonly Lock _gate = new(); // the key and the bytes, against completion from elsewhere
    private readonly PooledByteQueue _plaintext = new();
    private Exception? _failure;
    private int _cancelled;
    private bool _ended;
    private bool _lent;
    private bool _completed;

    public override bool TryRead(out ReadResult result)
    {
        return TryTake(out result) || (link.TryRead(out ReadResult received) && TryDecrypt(received, out result));
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        return TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : ReadLinkAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (_gate)
        {
            _lent = false;

            if (!_completed)
            {
                _plaintext.AdvanceTo(consumed, examined);
            }
        }
    }

    public override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelled, 1);
        link.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        Finish();
        link.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        Finish();
        return link.CompleteAsync(exception);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadLinkAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult received = await link.ReadAsync(cancellationToken);

            if (TryDecrypt(received, out ReadResult result))
            {
                return result;
            }
        }
    }

    /// <summary>Takes what can be returned without the link.</summary>
    private bool TryTake(out ReadResult result)
    {
        bool cancelled = Interlocked.Exchange(ref _cancelled, 0) == 1;

        lock (_gate)
        {
            if (_completed)
            {
                throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
            }

            bool ended = _ended && _failure is null;

            if (!cancelled && !_plaintext.HasUnexamined && !ended)
            {
                result = default;
                return _failure is null ? false : throw _failure;
            }

            _lent = true;
            result = new ReadResult(_plaintext.Bytes, cancelled, ended);
            return true;
        }
    }

    /// <summary>Decrypts what the link gave, and takes what came of it. What lies before a failure is returned before it is thrown.</summary>
    private bool TryDecrypt(ReadResult received, out ReadResult result)
    {
        long consumed = 0;

        lock (_gate)
        {
            try
            {
                if (!_completed)
                {
                    DecryptFrames(received.Buffer, ref consumed);
                }

                _ended |= received.IsCompleted;

                if (_ended && consumed < received.Buffer.Length)
                {
                    _failure = Truncated(received.Buffer.Length - consumed);
                }
            }
            catch (Libp2pException failure)
            {
                _failure = failure;
            }
        }

        link.AdvanceTo(received.Buffer.GetPosition(consumed), received.Buffer.End); // not under the lock: it may wake the link's writer
        return TryTake(out result);
    }

    private void DecryptFrames(ReadOnlySequence<byte> received, ref long consumed)
    {
        while (TryTakeFrame(received.Slice(consumed), out ReadOnlySequence<byte> message))
        {
            Decrypt(message, expected: received.Length - consumed);
            consumed += NoiseFrame.HeaderSize + message.Length;
        }
    }

    private static bool TryTakeFrame(ReadOnlySequence<byte> received, out ReadOnlySequence<byte> message)
    {
        message = default;

        if (received.Length < NoiseFrame.HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[NoiseFrame.HeaderSize];
        received.Slice(0, header.Length).CopyTo(header);
        int length = (header[0] << 8) | header[1];

        if (length < CipherState.TagSize)
        {
            throw new ProtocolViolationException($"A Noise frame of {length} bytes is shorter than its tag");
        }

        if (received.Length < NoiseFrame.HeaderSize + length)
        {
            return false;
        }

        message = received.Slice(NoiseFrame.HeaderSize, length);
        return true;
    }

    private void Decrypt(ReadOnlySequence<byte> message, long expected)
    {
        int size = (int)message.Length - CipherState.TagSize;
        Span<byte> plaintext = size == 0 ? [] : _plaintext.GetRoom(size, expected); // an empty frame is legal, and no end
        bool authentic;

        if (message.IsSingleSegment)
        {
            authentic = cipher.TryDecrypt(message.FirstSpan[..size], message.FirstSpan[size..], plaintext);
        }
        else
        {
            // Gathered where it is decrypted: the cipher works in place, and the tag stays aside.
            Span<byte> tag = stackalloc byte[CipherState.TagSize];
            message.Slice(0, size).CopyTo(plaintext);
            message.Slice(size).CopyTo(tag);
            authentic = cipher.TryDecrypt(plaintext, tag, plaintext);
        }

        if (!authentic)
        {
            throw new ProtocolViolationException($"Noise message {cipher.Count} after the handshake is not authentic");
        }

        if (size > 0)
        {
            _plaintext.Append(size);
        }
    }

    private static ConnectionClosedException Truncated(long bytes)
    {
        string message = $"The link ended {bytes} bytes into a Noise frame";
        return new ConnectionClosedException(message, new EndReason(EndedBy.Link, ErrorCode.None, message));
    }

    private void Finish()
    {
        lock (_gate)
        {
            if (!_completed)
            {
                _completed = true;
                _plaintext.Clear(recycle: !_lent);
                cipher.Dispose();
            }
        }
    }
}
