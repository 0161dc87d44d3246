using Libp2p.Connections;

namespace Libp2p;

/// <summary>Opens streams below the declaration model, with the bounds and rules that a generated client would pass.</summary>
public static class StreamRequestExtensions
{
    /// <summary>Opens a stream as a generated client does.</summary>
    public static ValueTask<P2PStream> OpenStreamAsync(this IPeerConnection connection, StreamRequest request, CancellationToken cancellationToken) =>
        ((IStreamOpener)connection).OpenStreamAsync(request, cancellationToken);
}
