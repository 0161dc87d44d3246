using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>A stream that records how its holder ends it.</summary>
/// <param name="inner">The stream that does the work.</param>
public sealed class RecordingStream(IMuxedStream inner) : DelegatingStream(inner)
{
    /// <summary>Whether the holder ended its direction in order.</summary>
    public bool IsWriteClosed { get; private set; }

    /// <summary>Whether the holder disposed of the stream.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public override ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        IsWriteClosed = true;
        return base.CloseWriteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return base.DisposeAsync();
    }
}
