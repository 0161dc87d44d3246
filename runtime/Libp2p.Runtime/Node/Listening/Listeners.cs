using System.Collections.Immutable;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.Services;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Listening;

/// <summary>Where a node listens, and the addresses it announces.</summary>
internal sealed class Listeners : INodeAddresses, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly NodeParts _node;
    private readonly ConnectionTable _connections;
    private readonly CancellationTokenSource _closing = new(); // neither timer nor links: nothing to dispose of
    private readonly ILogger _log;
    private ImmutableList<INodeListener> _listeners = []; // replaced under the lock, read without it
    private ImmutableList<Multiaddress> _announced = [];
    private ImmutableList<UnavailableAddressState> _unavailable = [];
    private ImmutableArray<Multiaddress> _published = []; // what the last event told

    public Listeners(NodeParts node, ConnectionTable connections)
    {
        _node = node;
        _connections = connections;
        _log = node.Logging.CreateLogger<Listeners>();
        node.Events.Provide<AddressesChanged>(() => [new AddressesChanged(Announced)]);
    }

    public IReadOnlyList<Multiaddress> Listening => [.. Volatile.Read(ref _listeners).SelectMany(listener => listener.Addresses).Distinct()];

    /// <summary>Empty when the node listens no more: none of the addresses leads anywhere then, whatever announced it.</summary>
    public IReadOnlyList<Multiaddress> Announced => _closing.IsCancellationRequested ? []
        : [.. Volatile.Read(ref _listeners).SelectMany(listener => listener.Addresses).Concat(Volatile.Read(ref _announced)).Distinct()];

    /// <summary>Addresses that the node was to listen on and does not, because the machine lacks them.</summary>
    public IReadOnlyList<UnavailableAddressState> Unavailable => Volatile.Read(ref _unavailable);

    /// <summary>Accept loops and upgrades that run.</summary>
    public int RunningTasks => Volatile.Read(ref _listeners).Sum(listener => listener.RunningTasks);

    public IDisposable Announce(Multiaddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        ImmutableInterlocked.Update(ref _announced, static (all, added) => all.Add(added), address);
        PublishAddresses();
        return new Announcement(this, address);
    }

    /// <summary>
    /// Starts to listen on all of the addresses. One that the machine lacks, as IPv6 where it is switched off, is skipped with a warning
    /// and shown in the node's state, unless none is left.
    /// </summary>
    /// <exception cref="IOException">An address is in use or forbidden, or the machine has none of them.</exception>
    public async ValueTask ListenAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken)
    {
        List<UnavailableAddressState> lacking = [];
        foreach (Multiaddress address in addresses)
        {
            try
            {
                await ListenAsync(address, cancellationToken);
            }
            catch (AddressUnavailableException e)
            {
                lacking.Add(new UnavailableAddressState(address, e.Message));
                if (lacking.Count == addresses.Count)
                {
                    throw new IOException($"The node can listen on none of the addresses: {string.Join("; ", lacking.Select(one => one.Reason))}", e);
                }

                NodeLog.AddressUnavailable(_log, address, e.Message);
            }
        }

        ImmutableInterlocked.Update(ref _unavailable, static (all, added) => all.AddRange(added), lacking);
    }

    /// <summary>Starts to listen on one address.</summary>
    /// <exception cref="ArgumentException">No transport of the node can listen on it.</exception>
    /// <exception cref="IOException">It cannot be used.</exception>
    public async ValueTask ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        ITransport transport = _node.Transports.FindListener(address) ?? throw Explain(address);
        INodeListener listener = transport is IConnectionTransport secured
            ? new ConnectionListener(await secured.ListenAsync(address, cancellationToken), address, _node, _connections)
            : new LinkListener(await ((ILinkTransport)transport).ListenAsync(address, cancellationToken), address, _node, _connections);
        if (!TryList(listener))
        {
            await listener.DisposeAsync();
            throw new ObjectDisposedException(nameof(Libp2pNode), $"Node {_node.Self} listens no more.");
        }

        listener.Start(this);
        foreach (Multiaddress reachable in listener.Addresses)
        {
            ConnectionLog.Listening(_log, reachable);
        }
    }

    /// <summary>Stops listening and waits for the upgrades that were going on, which end by cancellation. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        _closing.Cancel();
        ImmutableList<INodeListener> listeners = TakeAll();
        ShutdownSequence shutdown = new(_log);
        foreach (INodeListener listener in listeners)
        {
            await shutdown.RunAsync("a listener", listener.DisposeAsync);
        }

        if (!listeners.IsEmpty)
        {
            PublishAddresses();
        }

        shutdown.ThrowIfFailed();
    }

    /// <summary>Tells subscribers the announced addresses, if they changed since they were told last.</summary>
    public void PublishAddresses()
    {
        ImmutableArray<Multiaddress> announced = [.. Announced];
        lock (_lock)
        {
            if (announced.SequenceEqual(_published))
            {
                return;
            }

            _published = announced;
        }

        _node.Events.Publish(new AddressesChanged(announced));
    }

    /// <summary>A listener ended by itself: it is listed no more.</summary>
    /// <returns>False when the node has ended it, or is about to.</returns>
    public bool Unlist(INodeListener listener)
    {
        lock (_lock)
        {
            bool isListed = _listeners.Contains(listener);
            _listeners = _listeners.Remove(listener);
            return isListed;
        }
    }

    private bool TryList(INodeListener listener)
    {
        lock (_lock)
        {
            _listeners = _closing.IsCancellationRequested ? _listeners : _listeners.Add(listener);
            return !_closing.IsCancellationRequested;
        }
    }

    private ImmutableList<INodeListener> TakeAll()
    {
        lock (_lock)
        {
            ImmutableList<INodeListener> all = _listeners; // no more come: TryList looks at the token under the lock
            _listeners = [];
            return all;
        }
    }

    private ArgumentException Explain(Multiaddress address) => new(
        address.StartsWithName
            ? $"The node cannot listen on {address}: a name is for dialling. Listen on an IP address of this machine, as /ip4/127.0.0.1 or /ip4/0.0.0.0."
            : $"No transport of the node ({_node.Transports.Names}) can listen on {address}.",
        nameof(address));

    private sealed class Announcement(Listeners listeners, Multiaddress address) : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                ImmutableInterlocked.Update(ref listeners._announced, static (all, removed) => all.Remove(removed), address);
                listeners.PublishAddresses();
            }
        }
    }
}
