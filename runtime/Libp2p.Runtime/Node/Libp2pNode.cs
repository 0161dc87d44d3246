using Libp2p.Connections;
using Libp2p.Node;
using Libp2p.Node.Connections;
using Libp2p.Node.Dialing;
using Libp2p.Node.Listening;
using Libp2p.Node.Peers;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p;

/// <summary>
/// A libp2p node: an identity that listens, dials, serves protocols and calls those of others. Started by <see cref="StartAsync(Action{NodeBuilder}, CancellationToken)"/>,
/// ended by disposing of it. Thread-safe; nodes in one process share nothing. After disposal, methods throw
/// <see cref="ObjectDisposedException"/>; properties and <see cref="GetState"/> go on telling what is left.
/// </summary>
public sealed class Libp2pNode : IAsyncDisposable, IDisposable
{
    private readonly NodeParts _parts;
    private readonly ConnectionTable _connections;
    private readonly Listeners _listeners;
    private readonly Dialer _dialer;
    private readonly NetworkInterfaces _interfaces;
    private readonly IReadOnlyList<INodeService> _services;
    private readonly NodeContext _context;
    private readonly ILogger _log;
    private readonly Lock _closing = new();
    private NodeProtocols? _protocols;
    private Task? _closed;

    internal Libp2pNode(NodeParts parts, IReadOnlyList<INodeService> services, IIdentitySigner identity)
    {
        _parts = parts;
        _services = services;
        _log = parts.Logging.CreateLogger<Libp2pNode>();
        _connections = new ConnectionTable(parts);
        _listeners = new Listeners(parts, _connections);
        _dialer = new Dialer(parts, _connections);
        _interfaces = new NetworkInterfaces(parts.Seams);
        _context = new NodeContext
        {
            Identity = identity,
            Verifier = parts.Verifier,
            Dialer = _dialer,
            Handlers = parts.Handlers,
            Events = parts.Events,
            Peers = parts.BoundedPeers,
            Routing = parts.Routers,
            Addresses = _listeners,
            Limits = parts.Limits,
            Seams = parts.Seams,
            Interfaces = _interfaces,
            Logging = parts.Logging,
            Meter = parts.Telemetry.Meter,
        };
    }

    /// <summary>Who we are.</summary>
    public PeerId PeerId => _parts.Self;

    /// <summary>Where we listen, each address complete with <c>/p2p/</c> and our peer id.</summary>
    public IReadOnlyList<Multiaddress> Addresses => [.. _listeners.Announced.Select(address => address.WithPeer(PeerId))];

    /// <summary>Open connections, in the order they came to be.</summary>
    public IReadOnlyList<IPeerConnection> Connections => _connections.Open;

    /// <summary>What we serve; may be changed at any time.</summary>
    public IHandlerTable Handlers => _parts.Handlers;

    /// <summary>What happens.</summary>
    public INodeEvents Events => _parts.Events;

    /// <summary>What we know of peers.</summary>
    public IPeerStore Peers => _parts.Peers;

    /// <summary>Starts a node: handlers, then services, then listening. What fails here leaves nothing behind.</summary>
    /// <param name="configure">Says what the node is to be.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<Libp2pNode> StartAsync(Action<NodeBuilder> configure, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configure);
        NodeBuilder builder = new();
        configure(builder);
        await builder.Scheduler.Enter();
        return await CleanContext.RunAsync(() => builder.StartAsync(cancellationToken)); // what runs as long as the node is no part of its caller
    }

    /// <summary>A connection to the peer at an address that names it: an open one, or a new one.</summary>
    /// <param name="address">With <c>/p2p/</c> and the peer's id at its end.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="DialException">How far it got, and why it failed.</exception>
    public ValueTask<IPeerConnection> ConnectAsync(Multiaddress address, CancellationToken cancellationToken = default)
    {
        PeerId peer = address.Peer
            ?? throw new ArgumentException($"{address} names no peer; dial it with a DialRequest that expects anyone.", nameof(address));
        return ConnectAsync(new DialRequest { ExpectedPeer = ExpectedPeer.Exactly(peer), Addresses = [address] }, cancellationToken);
    }

    /// <summary>A connection as the request wants it.</summary>
    public ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ThrowIfDisposed();
        return _dialer.ConnectAsync(request, cancellationToken);
    }

    /// <summary>Connects to the peer at an address that names it, and gives a client bound to the peer.</summary>
    /// <exception cref="DialException">How far it got, and why it failed.</exception>
    public async ValueTask<T> ConnectAsync<T>(Protocol<T> protocol, Multiaddress address, CancellationToken cancellationToken = default)
        where T : class
    {
        ThrowIfDisposed();
        await _parts.Seams.Scheduler.Enter();
        IPeerConnection connection = await ConnectAsync(address, cancellationToken);
        return Client(protocol, connection.RemotePeer);
    }

    /// <inheritdoc cref="ConnectAsync{T}(Protocol{T}, Multiaddress, CancellationToken)"/>
    public ValueTask<T> ConnectAsync<T>(Protocol<T> protocol, string address, CancellationToken cancellationToken = default)
        where T : class => ConnectAsync(protocol, Multiaddress.Parse(address), cancellationToken);

    /// <summary>
    /// A client bound to a peer: each call takes the best connection, and dials the addresses of the peer store where there is none.
    /// Does no I/O.
    /// </summary>
    public T Client<T>(Protocol<T> protocol, PeerId peer)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(peer);
        ThrowIfDisposed();
        return _dialer.Client(protocol, peer);
    }

    /// <summary>
    /// Keeps a peer connected until the lease is disposed of or the node ends: dials the addresses of the peer store whenever there is
    /// no connection, with growing pauses after failures.
    /// </summary>
    public KeptPeer KeepConnected(PeerId peer)
    {
        ThrowIfDisposed();
        return _dialer.Kept.Keep(peer);
    }

    /// <summary>Serves a protocol; disposing of the result ends that, while streams being served go on.</summary>
    public IDisposable Handle<T>(Protocol<T> protocol, T implementation)
        where T : class
    {
        ThrowIfDisposed();
        return _parts.Handlers.Add(protocol.CreateHandlers(implementation));
    }

    /// <summary>Listens on one more address.</summary>
    /// <exception cref="ArgumentException">No transport of the node can listen on it.</exception>
    /// <exception cref="IOException">It cannot be used: it is in use, forbidden, or the machine lacks it.</exception>
    public async ValueTask ListenAsync(Multiaddress address, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        await _parts.Seams.Scheduler.Enter();
        await CleanContext.RunAsync(() => _listeners.ListenAsync(address, cancellationToken).AsTask());
    }

    /// <summary>
    /// Listens on more addresses. One that the machine lacks, as IPv6 where it is switched off, is skipped with a warning and shown in the
    /// node's state, unless none is left.
    /// </summary>
    /// <exception cref="ArgumentException">No transport of the node can listen on one of them.</exception>
    /// <exception cref="IOException">One of them is in use or forbidden, or the machine has none of them.</exception>
    public async ValueTask ListenAsync(IReadOnlyList<Multiaddress> addresses, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        await _parts.Seams.Scheduler.Enter();
        await CleanContext.RunAsync(() => _listeners.ListenAsync(addresses, cancellationToken).AsTask());
    }

    /// <summary>What the node is doing now: every connection, stream, waiter, lease and bound. How a hang is diagnosed.</summary>
    public NodeState GetState() => NodeStateReader.Read(_parts, _connections.Open, _listeners, _services, _dialer);

    /// <summary>
    /// Ends the node without cutting off what it does: takes no more connections and streams, ends the long-lived streams that it
    /// would open again, waits for the other streams that are open, and then disposes of the node.
    /// </summary>
    /// <param name="cancellationToken">
    /// Ends the waiting before <see cref="NodeOptions.DrainTimeout"/> does: what is still open then is cut off. Not an error.
    /// </param>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        _connections.RefuseStreams(); // takes effect before the caller goes on, and so does the time
        using Deadline deadline = Deadline.Start(_parts.Options.DrainTimeout, _parts.Seams.Time, cancellationToken);
        await _parts.Seams.Scheduler.Enter();
        ShutdownSequence shutdown = new(_log);
        await shutdown.RunAsync("listening", _listeners.DisposeAsync);
        await shutdown.RunAsync("the open streams", () => DrainAsync(deadline.Token));
        await shutdown.RunAsync("the node", DisposeAsync);
        shutdown.ThrowIfFailed();
    }

    /// <summary>
    /// Ends the node in order: services, listening, connections (goodbye, then the transport). When it returns nothing of the node
    /// runs. Idempotent; later callers wait too. What a service or a transport throws ends nothing but itself; the first of it is
    /// thrown when all has ended.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _parts.Seams.Scheduler.Enter();
        await BeginClose();
    }

    /// <summary>
    /// Begins what <see cref="DisposeAsync"/> does, and returns without waiting for it: for a container that is disposed of synchronously.
    /// After <see cref="StopAsync"/> nothing is left to do. Failures are logged.
    /// </summary>
    public void Dispose() => BeginClose();

    internal async Task StartAsync(NodeProtocols protocols, IReadOnlyList<Multiaddress> listen, CancellationToken cancellationToken)
    {
        try
        {
            _protocols = protocols;
            _parts.Transports = new TransportTable(protocols.CreateTransports(_context));
            _parts.Upgrader = protocols.CreateUpgrader(_context, _parts);
            foreach (INodeService service in _services)
            {
                await service.StartAsync(_context, cancellationToken);
            }

            await _listeners.ListenAsync(listen, cancellationToken);
        }
        catch
        {
            await Waits.SettleAsync(DisposeAsync().AsTask()); // the failure to start is the one to report
            throw;
        }
    }

    /// <summary>
    /// Tasks that the node has started and that have not ended: accept loops, connections, the streams they serve, dials. A diagnostic to
    /// compare before and after; 0 after <see cref="DisposeAsync"/>. Thread-safe.
    /// </summary>
    public int RunningTasks => _connections.RunningTasks + _listeners.RunningTasks + _dialer.RunningTasks;

    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            await EndKeepingAsync().WaitAsync(cancellationToken);
            await _connections.DrainAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Limits.ResourceUsage usage = _parts.Limits.Usage;
            ConnectionLog.DrainingCutOff(_log, usage.InboundStreams + usage.OutboundStreams);
        }
    }

    /// <summary>An async method of our own, so that cancelling the wait for it stays on the node's scheduler.</summary>
    private async Task EndKeepingAsync() => await _parts.Keeping.DisposeAsync();

    /// <summary>Begins to close, once.</summary>
    private Task BeginClose()
    {
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_closing)
        {
            if (_closed is not null)
            {
                return _closed;
            }

            _closed = closed.Task;
        }

        return CleanContext.RunAsync(() => CloseAsync(closed));
    }

    private async Task CloseAsync(TaskCompletionSource closed)
    {
        try
        {
            await CloseAsync();
            closed.SetResult();
        }
        catch (Exception e)
        {
            closed.SetException(e); // for later callers
            throw;
        }
    }

    private async Task CloseAsync()
    {
        ShutdownSequence shutdown = new(_log);
        _parts.Handlers.Close(PeerId);
        _dialer.Kept.Close();
        foreach (KeptPeer kept in _dialer.Kept.All)
        {
            await shutdown.RunAsync($"keeping {kept.Peer}", kept.DisposeAsync);
        }

        foreach (INodeService service in _services.Reverse())
        {
            await shutdown.RunAsync($"the service {service.Name}", () => WithinCloseTimeAsync($"The service {service.Name}", service.DisposeAsync));
        }

        await shutdown.RunAsync("the long-lived streams", _parts.Keeping.DisposeAsync);
        await shutdown.RunAsync("listening", _listeners.DisposeAsync);
        await shutdown.RunAsync("dialling", _dialer.DisposeAsync);
        await shutdown.RunAsync("the connections", () => new ValueTask(_connections.CloseAsync()));
        foreach (ITransport transport in _parts.Transports.All)
        {
            await shutdown.RunAsync($"the transport {transport.Name}", () => WithinCloseTimeAsync($"The transport {transport.Name}", () => EndAsync(transport)));
        }

        foreach (ISecurityProtocol security in _protocols?.CreatedSecurity ?? [])
        {
            await shutdown.RunAsync($"the security protocol {security.Id}", () => EndAsync(security));
        }

        _interfaces.Dispose();
        _parts.Events.Dispose();
        (_parts.Peers as MemoryPeerStore)?.Dispose(); // the node's own; others are lent
        _parts.Instruments.Dispose();
        shutdown.ThrowIfFailed();
    }

    /// <summary>Waits for application code, and leaves it behind when the time for closing is over.</summary>
    private async ValueTask WithinCloseTimeAsync(string what, Func<ValueTask> end)
    {
        using Deadline deadline = Deadline.Start(_parts.Options.CloseTimeout, _parts.Seams.Time, CancellationToken.None);
        try
        {
            await _parts.Abandoned.WaitAsync(what, end().AsTask(), deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            // It is listed in the node's state until it returns.
        }
    }

    private static async ValueTask EndAsync(object part)
    {
        if (part is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync();
        }
        else
        {
            (part as IDisposable)?.Dispose();
        }
    }

    private void ThrowIfDisposed()
    {
        if (Volatile.Read(ref _closed) is not null)
        {
            throw new ObjectDisposedException(nameof(Libp2pNode), $"The node {PeerId} was disposed of.");
        }
    }
}
