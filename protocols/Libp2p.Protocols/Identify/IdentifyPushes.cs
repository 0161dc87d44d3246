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
    private HashSet<long> _outdated = []; // connections that were open when something changed that they were not told of
    private TaskCompletionSource _changed = NewSignal();

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

    /// <summary>
    /// Asks for a round after each change. Changes and connections come in one subscription, so in the order in which they happened: it does
    /// not matter how long after a change this runs.
    /// </summary>
    public async Task WatchAsync(IEventSubscription<NodeEvent> events)
    {
        HashSet<long> open = [];
        long missed = 0;
        await foreach (NodeEvent happened in events)
        {
            switch (happened)
            {
                case ConnectionOpened opened:
                    open.Add(opened.Connection.Id);
                    break;
                case ConnectionClosed closed:
                    open.Remove(closed.Connection.Id);
                    break;
                case AddressesChanged or ProtocolsChanged:
                    Signal(open);
                    break;
            }

            if (events.Missed != missed) // a change may be among what was missed
            {
                missed = events.Missed;
                open = [.. node.Dialer.Connections.Select(connection => connection.Id)];
                Signal(open);
            }
        }
    }

    /// <summary>Pushes until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static self => ((IdentifyPushes)self!).Signal([]), this);
        try
        {
            while (true)
            {
                await Changed;
                await Waits.DelayAsync(options.PushDelay, node.Seams.Time, cancellationToken);
                HashSet<long> outdated;
                lock (_lock)
                {
                    _changed = NewSignal();
                    (outdated, _outdated) = (_outdated, []);
                }

                if (await PushToAllAsync(outdated, cancellationToken) > 0)
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

    private void Signal(HashSet<long> open)
    {
        lock (_lock)
        {
            _outdated.UnionWith(open);
            _changed.TrySetResult();
        }
    }

    // How many peers there were to tell.
    private async Task<int> PushToAllAsync(HashSet<long> outdated, CancellationToken cancellationToken)
    {
        // One push a peer, over a direct connection where there is one.
        Queue<IPeerConnection> waiting = new(node.Dialer.Connections
            .Where(connection => outdated.Contains(connection.Id))
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
