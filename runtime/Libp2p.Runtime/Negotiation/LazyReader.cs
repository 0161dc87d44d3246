using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Negotiation;

/// <summary>The input of a <see cref="LazyNegotiatedStream"/>: nothing but the stream's own, once the remote has agreed.</summary>
internal sealed class LazyReader(PipeReader input, LazyHandshake handshake) : PipeReader
{
    private bool _lent; // the last result was the stream's, and not an empty one of ours

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!handshake.IsConfirmed || handshake.IsReadCancelled)
        {
            return ConfirmAndReadAsync(cancellationToken);
        }

        _lent = true;
        return input.ReadAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        _lent = handshake.IsConfirmed && input.TryRead(out result);
        return _lent;
    }

    public override void AdvanceTo(SequencePosition consumed)
    {
        if (_lent)
        {
            input.AdvanceTo(consumed);
        }
    }

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_lent)
        {
            input.AdvanceTo(consumed, examined);
        }
    }

    public override void CancelPendingRead()
    {
        if (handshake.IsConfirmed)
        {
            input.CancelPendingRead();
        }
        else
        {
            handshake.CancelRead();
        }
    }

    public override void Complete(Exception? exception = null)
    {
        handshake.GiveUpReading();
        input.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        handshake.GiveUpReading();
        return input.CompleteAsync(exception);
    }

    private async ValueTask<ReadResult> ConfirmAndReadAsync(CancellationToken cancellationToken)
    {
        _lent = false;

        if (!await handshake.ConfirmReadAsync(cancellationToken))
        {
            return new ReadResult(ReadOnlySequence<byte>.Empty, isCanceled: true, isCompleted: false);
        }

        _lent = true;
        return await input.ReadAsync(cancellationToken);
    }
}
