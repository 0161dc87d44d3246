using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>A stream that is another one, but for what a derived class overrides. It owns the inner stream.</summary>
/// <param name="inner">Owned.</param>
public abstract class DelegatingStream(IMuxedStream inner) : IMuxedStream
{
    /// <summary>The stream underneath.</summary>
    protected IMuxedStream Inner => inner;

    /// <inheritdoc/>
    public virtual long Id => inner.Id;

    /// <inheritdoc/>
    public virtual Direction Direction => inner.Direction;

    /// <inheritdoc/>
    public virtual PipeReader Input => inner.Input;

    /// <inheritdoc/>
    public virtual PipeWriter Output => inner.Output;

    /// <inheritdoc/>
    public virtual EndReason? End => inner.End;

    /// <inheritdoc/>
    public virtual CancellationToken Aborted => inner.Aborted;

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
