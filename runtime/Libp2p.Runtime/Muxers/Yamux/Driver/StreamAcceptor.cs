using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>The one caller that waits for a stream of the remote's.</summary>
internal sealed class StreamAcceptor(YamuxConnection connection, YamuxSession session) : IValueTaskSource<IMuxedStream?>, IWaiter
{
    private ManualResetValueTaskSourceCore<bool> _arrival;
    private CancellationTokenRegistration _registration;
    private bool _isUsed;

    /// <summary>Under the lock: waits.</summary>
    /// <exception cref="InvalidOperationException">Another caller waits.</exception>
    public ValueTask<IMuxedStream?> Wait(CancellationToken cancellationToken)
    {
        if (_isUsed)
        {
            throw new InvalidOperationException("Another caller waits for a stream of this connection: accept with one at a time.");
        }

        _isUsed = true;
        session.WaitToAccept();
        _arrival.Reset();
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(static (self, token) => ((StreamAcceptor)self!).OnCancelled(token), this);
        }

        return new ValueTask<IMuxedStream?>(this, _arrival.Version);
    }

    /// <inheritdoc/>
    public void Wake(bool isHere)
    {
        _arrival.RunContinuationsAsynchronously = !isHere;
        _arrival.SetResult(true);
    }

    IMuxedStream? IValueTaskSource<IMuxedStream?>.GetResult(short token)
    {
        _registration.Dispose();
        _registration = default;
        lock (connection.Gate)
        {
            _isUsed = false;
            _arrival.GetResult(token);
            return (YamuxStream?)session.TakeAccepted();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<IMuxedStream?>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<IMuxedStream?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            if (!session.TryStopAccepting())
            {
                return;
            }
        }

        _arrival.RunContinuationsAsynchronously = true;
        _arrival.SetException(new OperationCanceledException(cancellationToken));
    }
}

/// <summary>A wait that its connection ends.</summary>
internal interface IWaiter
{
    /// <summary>Ends the wait.</summary>
    /// <param name="isHere">The continuation runs on the calling thread, unless it has a context of its own.</param>
    void Wake(bool isHere);
}
