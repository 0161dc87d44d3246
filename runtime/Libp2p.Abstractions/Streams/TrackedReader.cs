using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Libp2p;

/// <summary>
/// The input of a stream as an application reads it: the stream learns that its end was read, its idle time that something passed, and
/// failures name the protocol and the peer. The call engine reads the stream without it.
/// </summary>
internal sealed class TrackedReader(P2PStream stream) : PipeReader
{
    private SequencePosition _end; // of what was read last,
    private bool _isLast;          // after which nothing comes

    private PipeReader Inner => stream.MessageInput;

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        stream.OnPassed();
        bool isAll = _isLast && consumed.Equals(_end);
        Inner.AdvanceTo(consumed, examined);
        if (isAll)
        {
            stream.OnReadToEnd();
        }
    }

    public override void CancelPendingRead() => Inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => Inner.Complete(exception);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return SeenAsync(Inner.ReadAsync(cancellationToken));
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }

    public override bool TryRead(out ReadResult result)
    {
        bool hasRead;
        try
        {
            hasRead = Inner.TryRead(out result);
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }

        if (hasRead)
        {
            OnRead(result);
        }

        return hasRead;
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
    {
        try
        {
            return SeenAsync(Inner.ReadAtLeastAsync(minimumSize, cancellationToken));
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }

    private ValueTask<ReadResult> SeenAsync(ValueTask<ReadResult> reading)
    {
        if (!reading.IsCompletedSuccessfully)
        {
            return WaitAsync(reading);
        }

        ReadResult result = reading.Result;
        OnRead(result);
        return new ValueTask<ReadResult>(result);
    }

    private void OnRead(in ReadResult result)
    {
        _end = result.Buffer.End;
        _isLast = result.IsCompleted;
        if (_isLast && result.Buffer.IsEmpty)
        {
            stream.OnReadToEnd();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        await stream.Enter();
        try
        {
            ReadResult result = await reading;
            OnRead(result);
            return result;
        }
        catch (Libp2pException e)
        {
            throw stream.Explain(e);
        }
    }
}
