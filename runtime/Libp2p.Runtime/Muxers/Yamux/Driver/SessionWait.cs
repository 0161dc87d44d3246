using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// A wait for something that the session brings: a read, a flush, or a stream to accept. It can be begun again when its result was taken.
/// </summary>
internal struct SessionWait
{
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;

    /// <summary>Under the lock: begins; the token for the task.</summary>
    /// <param name="cancel">Called with the owner when the caller gives up.</param>
    /// <param name="owner">What waits.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public short Begin(Action<object?, CancellationToken> cancel, object owner, CancellationToken cancellationToken)
    {
        _source.Reset();
        if (cancellationToken.CanBeCanceled)
        {
            _registration = cancellationToken.UnsafeRegister(cancel, owner);
        }

        return _source.Version;
    }

    /// <summary>Outside the lock: ends it.</summary>
    /// <param name="isHere">The continuation runs on the calling thread, unless it has a context of its own.</param>
    public void End(bool isHere)
    {
        _source.RunContinuationsAsynchronously = !isHere;
        _source.SetResult(true);
    }

    /// <summary>Outside the lock: the caller gave up.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        _source.RunContinuationsAsynchronously = true;
        _source.SetException(new OperationCanceledException(cancellationToken));
    }

    /// <summary>Outside the lock: takes the result, and throws when the caller gave up.</summary>
    public void Take(short token)
    {
        _registration.Dispose();
        _registration = default;
        _source.GetResult(token);
    }

    /// <inheritdoc cref="IValueTaskSource.GetStatus"/>
    public readonly ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

    /// <inheritdoc cref="IValueTaskSource.OnCompleted"/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}

/// <summary>What waits for a connection.</summary>
internal interface IWaiter
{
    /// <summary>Ends the wait.</summary>
    /// <param name="isHere">The continuation runs on the calling thread, unless it has a context of its own.</param>
    void Wake(bool isHere);
}
