namespace Libp2p.Limits;

/// <summary>A stream's place in a <see cref="StreamBound"/>, or in the queue for one. Under the lock of the peer's scope.</summary>
/// <param name="stream">The stream.</param>
internal sealed class StreamPlace(StreamLease stream)
{
    public StreamLease Stream => stream;

    /// <summary>The bound; null before it was asked for and after it was left.</summary>
    public StreamBound? Bound { get; set; }

    /// <summary>Its neighbours among the places that are taken.</summary>
    public StreamPlace? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public StreamPlace? Newer { get; set; }

    /// <summary>Completes when a queued place is taken; null while it is not queued.</summary>
    public TaskCompletionSource? Entering { get; set; }
}
