using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Node.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Listening;

/// <summary>Listens, and turns what knocks into connections: gater, lease, transport, upgrade, each within its bound.</summary>
internal sealed class Listeners(NodeParts node, ConnectionTable connections) : INodeAddresses, IAsyncDisposable
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly List<ITransportListener> _listeners = [];
    private readonly List<Multiaddress> _announced = [];
    private readonly TaskSet _running = new();
    private readonly CancellationTokenSource _closing = new(); // neither timer nor links: nothing to dispose of
    private readonly ILogger _log = node.Logging.CreateLogger<Listeners>();

    public IReadOnlyList<Multiaddress> Listening
    {
        get
        {
            lock (_lock)
            {
                return [.. _listeners.SelectMany(listener => listener.Addresses).Distinct()];
            }
        }
    }

    /// <summary>Empty when the node listens no more: none of the addresses leads anywhere then, whoever announced it.</summary>
    public IReadOnlyList<Multiaddress> Announced
    {
        get
        {
            lock (_lock)
            {
                return _closing.IsCancellationRequested ? [] : [.. _listeners.SelectMany(listener => listener.Addresses).Concat(_announced).Distinct()];
            }
        }
    }

    /// <summary>Accept loops and upgrades that run.</summary>
    public int RunningTasks => _running.Count;

    public IDisposable Announce(Multiaddress address)
    {
        lock (_lock)
        {
            _announced.Add(address);
        }

        PublishAddresses();
        return new Announcement(this, address);
    }

    /// <summary>Starts to listen on one address.</summary>
    public async ValueTask ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        ITransport transport = node.Transports.FirstOrDefault(candidate => candidate.CanListen(address))
            ?? throw new ArgumentException($"No transport of the node can listen on {address}.", nameof(address));
        ITransportListener listener = await transport.ListenAsync(address, cancellationToken);
        if (!TryList(listener) || !_running.TryRun(() => AcceptAsync(listener, address)))
        {
            Unlist(listener);
            await listener.DisposeAsync();
            throw new ObjectDisposedException(nameof(Libp2pNode), "The node listens no more.");
        }

        foreach (Multiaddress reachable in listener.Addresses)
        {
            ConnectionLog.Listening(_log, reachable);
        }

        PublishAddresses();
    }

    /// <summary>Stops listening and waits for the upgrades that were going on, which end by cancellation. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        ITransportListener[] listeners;
        lock (_lock)
        {
            listeners = [.. _listeners]; // no more come: who lists one looks at the token under the lock
            _listeners.Clear();
        }

        ShutdownSequence shutdown = new(_log);
        foreach (ITransportListener listener in listeners)
        {
            await shutdown.RunAsync("a listener", listener.DisposeAsync);
        }

        await shutdown.RunAsync("inbound upgrades", () => new ValueTask(_running.CloseAsync()));
        if (listeners.Length > 0)
        {
            PublishAddresses();
        }

        shutdown.ThrowIfFailed();
    }

    private bool TryList(ITransportListener listener)
    {
        lock (_lock)
        {
            if (!_closing.IsCancellationRequested)
            {
                _listeners.Add(listener);
                return true;
            }

            return false;
        }
    }

    /// <summary>False when the node has ended it, or is about to.</summary>
    private bool Unlist(ITransportListener listener)
    {
        lock (_lock)
        {
            return _listeners.Remove(listener);
        }
    }

    /// <summary>Accepts until the node closes; a listener that ends before listens no more, and the node says so.</summary>
    private async Task AcceptAsync(ITransportListener listener, Multiaddress address)
    {
        Exception? failure = null;
        try
        {
            await AcceptAllAsync(listener, address);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The node stops listening.
        }
        catch (Exception e) // a listener is anybody's
        {
            failure = e;
        }

        if (Unlist(listener))
        {
            if (!_closing.IsCancellationRequested)
            {
                ConnectionLog.ListeningEnded(_log, address, failure);
            }

            await new ShutdownSequence(_log).RunAsync("a listener", listener.DisposeAsync);
            PublishAddresses();
        }
    }

    private async Task AcceptAllAsync(ITransportListener listener, Multiaddress address)
    {
        TimeSpan pause = s_firstPause;
        while (true)
        {
            try
            {
                if (await listener.AcceptAsync(_closing.Token) is not { } pending)
                {
                    return;
                }

                pause = s_firstPause;
                if (!_running.TryRun(() => UpgradeAsync(pending)))
                {
                    await pending.DisposeAsync();
                }
            }
            catch (IOException e)
            {
                // Nothing is left to accept with, file descriptors or memory: others give some back.
                ConnectionLog.AcceptFailed(_log, address, pause, e);
                await Task.Delay(pause, node.Seams.Time, _closing.Token);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    private async Task UpgradeAsync(IPendingConnection pending)
    {
        await using (pending)
        {
            if (!node.Allows(gater => gater.AllowAccept(pending.LocalAddress, pending.RemoteAddress)))
            {
                ConnectionLog.InboundRefused(_log, pending.RemoteAddress, "the gater refused it");
                return;
            }

            if (!node.Limits.TryOpenConnection(Direction.Inbound, pending.RemoteAddress, out IConnectionLease? lease, out string? refusal))
            {
                ConnectionLog.InboundRefused(_log, pending.RemoteAddress, refusal);
                return;
            }

            using Deadline deadline = Deadline.Start(node.Options.InboundUpgradeTimeout, node.Seams.Time, _closing.Token);
            UpgradedConnection upgraded;
            bool isAdmitted;
            try
            {
                ITransportConnection accepted = await pending.AcceptAsync(deadline.Token);
                isAdmitted = accepted is IByteLink;
                upgraded = accepted is IByteLink link
                    ? await node.Upgrader.UpgradeAsync(
                        link, connections.RequestFor(link, Direction.Inbound, ConnectionRole.Responder, ExpectedPeer.Anyone, lease), deadline.Token)
                    : (UpgradedConnection)accepted;
            }
            catch (Exception e) // transports are anybody's
            {
                lease.Dispose();
                ConnectionLog.InboundFailed(_log, pending.RemoteAddress, deadline.IsOver ? deadline.Exceeded("The upgrade").Message : e.Message, e);
                return;
            }

            await AdmitAsync(upgraded, lease, isAdmitted);
        }
    }

    private void PublishAddresses() => node.Events.Publish(new AddressesChanged(Announced));

    private async ValueTask AdmitAsync(UpgradedConnection upgraded, IConnectionLease lease, bool isAdmitted)
    {
        try
        {
            await connections.AddAsync(upgraded, Direction.Inbound, lease, isAdmitted);
        }
        catch (Libp2pException e)
        {
            ConnectionLog.InboundRefused(_log, upgraded.RemoteAddress, e.Message);
        }
    }

    private sealed class Announcement(Listeners listeners, Multiaddress address) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                lock (listeners._lock)
                {
                    listeners._announced.Remove(address);
                }

                listeners.PublishAddresses();
            }
        }
    }
}
