using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>The one caller that waits for a stream of the remote's.</summary>
internal sealed class StreamAcceptor(YamuxConnection connection, YamuxSession session) : IValueTaskSource<IMuxedStream?>, IWaiter
{
    private SessionWait _wait;
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
        return new(this, _wait.Begin(static (self, token) => ((StreamAcceptor)self!).OnCancelled(token), this, cancellationToken));
    }

    /// <inheritdoc/>
    public void Wake(bool isHere) => _wait.End(isHere);

    IMuxedStream? IValueTaskSource<IMuxedStream?>.GetResult(short token)
    {
        try
        {
            _wait.Take(token);
        }
        finally
        {
            _isUsed = false;
        }

        lock (connection.Gate)
        {
            return (YamuxStream?)session.TakeAccepted();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<IMuxedStream?>.GetStatus(short token) => _wait.GetStatus(token);

    void IValueTaskSource<IMuxedStream?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wait.OnCompleted(continuation, state, token, flags);

    private void OnCancelled(CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            if (!session.TryStopAccepting())
            {
                return;
            }
        }

        _wait.Cancel(cancellationToken);
    }
}
