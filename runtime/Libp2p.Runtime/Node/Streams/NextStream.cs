using System.Runtime.CompilerServices;
using Libp2p.Muxers;

namespace Libp2p.Node.Streams;

/// <summary>
/// Awaits the next stream of a connection, and serves the one before on this thread as soon as the wait has begun. So a handler that
/// blocks holds up no other stream, and a lone stream costs no thread hop (docs/performance.md, "Accepting streams").
/// </summary>
/// <param name="next">The wait, which has not completed.</param>
/// <param name="streams">Has the stream to serve. The awaiter does not, because an idle connection would keep that stream.</param>
internal readonly struct NextStream(ValueTask<IMuxedStream?> next, InboundStreams streams) : ICriticalNotifyCompletion
{
    private readonly ValueTaskAwaiter<IMuxedStream?> _next = next.GetAwaiter();

    /// <summary>Never, so that the state machine is suspended before the stream is served.</summary>
    public bool IsCompleted => false;

    public NextStream GetAwaiter() => this;

    public IMuxedStream? GetResult() => _next.GetResult();

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        InboundStreams owner = streams;
        IMuxedStream lone = owner.TakeLone();
        _next.UnsafeOnCompleted(continuation); // from here on the loop may go on, on another thread
        owner.Serve(lone);
    }
}
