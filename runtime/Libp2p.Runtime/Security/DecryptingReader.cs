using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Libp2p.Buffers;

namespace Libp2p.Security;

/// <summary>
/// Decrypts on demand: a read that finds nothing decrypted reads the link, and decrypts all frames that have arrived whole into
/// pooled memory. There is no task and no pipe in between, so what is not read stays in the link and slows the remote down.
/// </summary>
/// <remarks>Owns the link's input and the keys. One reader at a time; <see cref="CancelPendingRead"/> and completion are thread-safe.</remarks>
/// <param name="link">The input of the link below.</param>
internal abstract class DecryptingReader(PipeReader link) : PipeReader
{
    private readonly Lock _gate = new(); // the keys and the bytes, against completion from elsewhere
    private Exception? _failure;
    private int _cancelled;
    private bool _ended;
    private bool _lent;
    private bool _completed;

    /// <summary>Where decrypted bytes go.</summary>
    protected PooledByteQueue Plaintext { get; } = new();

    public sealed override bool TryRead(out ReadResult result)
    {
        return TryTake(out result) || (link.TryRead(out ReadResult received) && TryDecrypt(received, out result));
    }

    public sealed override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        return TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : ReadLinkAsync(cancellationToken);
    }

    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public sealed override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        lock (_gate)
        {
            _lent = false;

            if (!_completed)
            {
                Plaintext.AdvanceTo(consumed, examined);
            }
        }
    }

    public sealed override void CancelPendingRead()
    {
        Volatile.Write(ref _cancelled, 1);
        link.CancelPendingRead();
    }

    public sealed override void Complete(Exception? exception = null)
    {
        Finish();
        link.Complete(exception);
    }

    public sealed override ValueTask CompleteAsync(Exception? exception = null)
    {
        Finish();
        return link.CompleteAsync(exception);
    }

    /// <summary>Decrypts the frames that are there as a whole, into <see cref="Plaintext"/>.</summary>
    /// <param name="received">What the link has.</param>
    /// <param name="consumed">Counts what was used up; holds also when the method throws.</param>
    /// <returns>Whether the remote ended its direction inside the protocol: what follows is dropped.</returns>
    /// <exception cref="Libp2pException">A frame is not what it must be. What was decrypted before it is still read.</exception>
    protected abstract bool DecryptFrames(ReadOnlySequence<byte> received, ref long consumed);

    /// <summary>What a read throws when the link ended inside a frame.</summary>
    protected abstract Exception Truncated(long bytes);

    /// <summary>Gives the keys up. Called once, and not while frames are decrypted.</summary>
    protected abstract void ReleaseKeys();

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

            if (!cancelled && !Plaintext.HasUnexamined && !ended)
            {
                result = default;
                return _failure is null ? false : throw _failure;
            }

            _lent = true;
            result = new ReadResult(Plaintext.Bytes, cancelled, ended);
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
                if (!_completed && DecryptFrames(received.Buffer, ref consumed))
                {
                    _ended = true;
                    consumed = received.Buffer.Length;
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

    private void Finish()
    {
        lock (_gate)
        {
            if (!_completed)
            {
                _completed = true;
                Plaintext.Clear(recycle: !_lent);
                ReleaseKeys();
            }
        }
    }
}
