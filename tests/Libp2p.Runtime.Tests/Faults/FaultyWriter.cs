using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Tests.Faults;

/// <summary>A link's output, which fails at one byte.</summary>
/// <param name="inner">Where the bytes go.</param>
/// <param name="fault">What goes wrong; null: nothing.</param>
/// <param name="breakLink">Breaks the link in both directions.</param>
internal sealed class FaultyWriter(PipeWriter inner, Fault? fault, Action breakLink) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _pending = new();
    private readonly Random _noise = new(7);

    /// <summary>Bytes that were flushed.</summary>
    public long Sent { get; private set; }

    /// <summary>Where each flush ended.</summary>
    public List<long> Flushes { get; } = [0];

    /// <summary>Whether the fault has happened.</summary>
    public bool HasFailed => fault is not null && Sent >= fault.At;

    /// <summary>Whether nothing of this end may be noticed any more.</summary>
    public bool IsSilent => HasFailed && fault!.Kind == FaultKind.Silence;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pending.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pending.GetSpan(sizeHint);

    public override void Advance(int bytes) => _pending.Advance(bytes);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        byte[] bytes = _pending.WrittenSpan.ToArray();
        _pending.ResetWrittenCount();
        int intact = fault is null ? bytes.Length : (int)Math.Clamp(fault.At - Sent, 0, bytes.Length);
        bool failsNow = fault is not null && Sent <= fault.At && Sent + bytes.Length > fault.At;
        Sent += bytes.Length;
        Flushes.Add(Sent);
        switch (fault?.Kind)
        {
            case FaultKind.Flip when failsNow:
                bytes[intact] ^= 1;
                break;
            case FaultKind.Garbage:
                _noise.NextBytes(bytes.AsSpan(intact));
                break;
            case FaultKind.Silence or FaultKind.End or FaultKind.Break when intact < bytes.Length:
                return await EndAsync(bytes.AsMemory(0, intact), cancellationToken);
        }

        return bytes.Length == 0 ? default : await inner.WriteAsync(bytes, cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        if (!IsSilent)
        {
            inner.Complete(exception);
        }
    }

    private async ValueTask<FlushResult> EndAsync(ReadOnlyMemory<byte> last, CancellationToken cancellationToken)
    {
        if (last.Length > 0)
        {
            await inner.WriteAsync(last, cancellationToken);
        }

        if (fault!.Kind == FaultKind.End)
        {
            await inner.CompleteAsync();
        }
        else if (fault.Kind == FaultKind.Break)
        {
            breakLink();
        }

        return default;
    }
}
