using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Services;
using Microsoft.Extensions.Logging;

namespace Libp2p.Protocols.Identify;

/// <summary>
/// Tells connected peers what has changed: changes are gathered for a moment, rounds keep a distance, and each push is the complete
/// description as it is when it is sent. A change during a round makes another round. Who connected after a change learns of it by
/// asking, and is not told.
/// </summary>
internal sealed class IdentifyPushes(NodeContext node, LocalDescription description, IdentifyOptions options, ILogger log)
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();
    private long _newest; // connection when the last change came

    private Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Asks for a round after each event.</summary>
    public async Task WatchAsync<TEvent>(IEventSubscription<TEvent> events)
        where TEvent : NodeEvent
    {
        await foreach (TEvent _ in events)
        {
            Signal();
        }
    }

    /// <summary>Pushes until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static self => ((IdentifyPushes)self!).Signal(), this);
        try
        {
            while (true)
            {
                await Changed;
                await Waits.DelayAsync(options.PushDelay, node.Seams.Time, cancellationToken);
                long newest;
                lock (_lock)
                {
                    _changed = NewSignal();
                    newest = _newest;
                }

                if (await PushToAllAsync(newest, cancellationToken) > 0)
                {
                    await Waits.DelayAsync(options.PushInterval, node.Seams.Time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The service is closing.
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Signal()
    {
        long newest = node.Dialer.Connections.Select(connection => connection.Id).DefaultIfEmpty().Max();
        lock (_lock)
        {
            _newest = Math.Max(_newest, newest);
            _changed.TrySetResult();
        }
    }

    // How many peers there were to tell.
    private async Task<int> PushToAllAsync(long newest, CancellationToken cancellationToken)
    {
        // One push a peer, over a direct connection where there is one.
        Queue<IPeerConnection> waiting = new(node.Dialer.Connections
            .Where(connection => connection.Id <= newest)
            .OrderBy(connection => connection.IsRelayed)
            .DistinctBy(connection => connection.RemotePeer));
        int count = waiting.Count;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, options.MaxConcurrentPushes)).Select(_ => WorkAsync()));
        return count;

        async Task WorkAsync()
        {
            while (TryNext(out IPeerConnection? connection))
            {
                await PushAsync(connection!, cancellationToken);
            }
        }

        bool TryNext(out IPeerConnection? connection)
        {
            lock (waiting)
            {
                return waiting.TryDequeue(out connection);
            }
        }
    }

    private async Task PushAsync(IPeerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            PeerInfo? known = await node.Peers.GetAsync(connection.RemotePeer, cancellationToken);
            if (known is null or { Protocols.Count: 0 } || known.Protocols.Contains(IIdentifyPush.Protocol.Ids[0]))
            {
                IdentifyMessage message = await description.GetAsync(connection, cancellationToken);
                await connection.Client(IIdentifyPush.Protocol).PushAsync(message, cancellationToken);
            }
        }
        catch (Exception exception) // stores and signers are anybody's: one that fails costs this push, not those to come
        {
            IdentifyLog.NotPushed(log, connection.Id, connection.RemotePeer, exception.Message);
        }
    }
}
