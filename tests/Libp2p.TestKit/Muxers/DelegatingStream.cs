using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>A stream that passes everything on to another; derive from it to change one thing. Owns the inner stream.</summary>
/// <param name="inner">The stream that does the work.</param>
public abstract class DelegatingStream(IMuxedStream inner) : IMuxedStream
{
    /// <inheritdoc/>
    public long Id => inner.Id;

    /// <inheritdoc/>
    public Direction Direction => inner.Direction;

    /// <inheritdoc/>
    public virtual PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public virtual PipeWriter Output => inner.Output;

    /// <inheritdoc/>
    public EndReason? End => inner.End;

    /// <inheritdoc/>
    public CancellationToken Aborted => inner.Aborted;

    /// <inheritdoc/>
    public virtual ValueTask CloseWriteAsync(CancellationToken cancellationToken) => inner.CloseWriteAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual void CloseRead(ErrorCode code) => inner.CloseRead(code);

    /// <inheritdoc/>
    public virtual void Reset(EndReason reason) => inner.Reset(reason);

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }
}
