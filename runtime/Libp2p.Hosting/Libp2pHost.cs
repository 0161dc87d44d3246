namespace Libp2p.Hosting;

/// <summary>
/// Where a host's node is to be had: before it has started there is none, and afterwards it is gone. Thread-safe. The node belongs to
/// the host, which ends it.
/// </summary>
public sealed class Libp2pHost
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<Libp2pNode> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Libp2pNode? _node;
    private bool _ended;
    private string _absence = "has not started: inject Libp2pHost, and take the node when it is needed or with WaitForStartAsync";

    internal Libp2pHost()
    {
    }

    /// <summary>The node. It may not listen yet: handlers have it before the first call can come.</summary>
    /// <exception cref="InvalidOperationException">It has not started, or has ended.</exception>
    public Libp2pNode Node
    {
        get
        {
            lock (_lock)
            {
                return _node ?? throw new InvalidOperationException($"The host's libp2p node {_absence}.");
            }
        }
    }

    /// <summary>The node, or null before the start and after the end.</summary>
    public Libp2pNode? NodeOrNull
    {
        get
        {
            lock (_lock)
            {
                return _node;
            }
        }
    }

    /// <summary>Waits until the node has started and listens.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">It failed to start, or the host stopped before.</exception>
    public Task<Libp2pNode> WaitForStartAsync(CancellationToken cancellationToken = default) => _started.Task.WaitAsync(cancellationToken);

    internal void Made(Libp2pNode node)
    {
        lock (_lock)
        {
            _node = node;
        }
    }

    internal void Started() => _started.TrySetResult(Node);

    internal void Ended(string absence, Exception? cause = null)
    {
        lock (_lock)
        {
            _node = null;
            _absence = _ended ? _absence : absence;
            _ended = true;
        }

        if (_started.TrySetException(new InvalidOperationException($"The host's libp2p node {absence}.", cause)))
        {
            _ = _started.Task.Exception; // seen: whoever waits gets it, and nobody has to wait
        }
    }
}
