using Libp2p.Connections;
using Libp2p.Node;
using Libp2p.Node.Connections;
using Libp2p.Node.Dialing;
using Libp2p.Node.Listening;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p;

/// <summary>
/// A libp2p node: an identity that listens, dials, serves protocols and calls those of others. Started by <see cref="StartAsync(Action{NodeBuilder}, CancellationToken)"/>,
/// ended by disposing of it. Thread-safe; nodes in one process share nothing.
/// </summary>
public sealed class Libp2pNode : IAsyncDisposable
{
    private readonly NodeParts _parts;
    private readonly ConnectionTable _connections;
    private readonly Listeners _listeners;
    private readonly Dialer _dialer;
    private readonly IReadOnlyList<INodeService> _services;
    private readonly ILogger _log;
    private readonly List<KeptPeer> _kept = [];
    private readonly Lock _closing = new();
    private Task? _closed;

    internal Libp2pNode(NodeParts parts, IReadOnlyList<INodeService> services)
    {
        _parts = parts;
        _services = services;
        _log = parts.Logging.CreateLogger<Libp2pNode>();
        _connections = new ConnectionTable(parts);
        _listeners = new Listeners(parts, _connections);
        _dialer = new Dialer(parts, _connections);
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
        return await builder.StartAsync(cancellationToken);
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
    public ValueTask<IPeerConnection> ConnectAsync(DialRequest request, CancellationToken cancellationToken = default) =>
        _dialer.ConnectAsync(request, cancellationToken);

    /// <summary>Connects to the peer at an address that names it, and gives a client bound to the peer.</summary>
    /// <exception cref="DialException">How far it got, and why it failed.</exception>
    public async ValueTask<T> ConnectAsync<T>(Protocol<T> protocol, Multiaddress address, CancellationToken cancellationToken = default)
        where T : class
    {
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
        where T : class => _dialer.Client(protocol, peer);

    /// <summary>
    /// Keeps a peer connected until the lease is disposed of or the node ends: dials the addresses of the peer store whenever there is
    /// no connection, with growing pauses after failures.
    /// </summary>
    public KeptPeer KeepConnected(PeerId peer)
    {
        lock (_closing)
        {
            ObjectDisposedException.ThrowIf(_closed is not null, this);
            KeptPeer kept = new(peer, _dialer, _parts.Seams, Release);
            _kept.Add(kept);
            return kept;
        }
    }

    /// <summary>Serves a protocol; disposing of the result ends that, while streams being served go on.</summary>
    public IDisposable Handle<T>(Protocol<T> protocol, T implementation)
        where T : class => _parts.Handlers.Add(protocol.CreateHandlers(implementation));

    /// <summary>Listens on one more address.</summary>
    public async ValueTask ListenAsync(Multiaddress address, CancellationToken cancellationToken = default)
    {
        await _parts.Seams.Scheduler.Enter();
        await _listeners.ListenAsync(address, cancellationToken);
    }

    /// <summary>What the node is doing now: every connection, stream, waiter, lease and bound. How a hang is diagnosed.</summary>
    public NodeState GetState() => NodeStateReader.Read(
        _parts, _connections.Open, _listeners.Listening, _services, _dialer, [.. Kept.Select(kept => kept.ToString())]);

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
        Task closed;
        TaskCompletionSource? ours = null;
        lock (_closing)
        {
            closed = _closed ??= (ours = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        if (ours is not null)
        {
            try
            {
                await CloseAsync();
                ours.SetResult();
            }
            catch (Exception e)
            {
                ours.SetException(e); // whoever else waits learns of it too
            }
        }

        await closed;
    }

    internal async Task StartAsync(IIdentitySigner identity, IReadOnlyList<Multiaddress> listen, CancellationToken cancellationToken)
    {
        NodeContext context = new()
        {
            Identity = identity,
            Verifier = _parts.Verifier,
            Dialer = _dialer,
            Handlers = _parts.Handlers,
            Events = _parts.Events,
            Peers = _parts.Peers,
            Addresses = _listeners,
            Limits = _parts.Limits,
            Seams = _parts.Seams,
            Logging = _parts.Logging,
        };
        try
        {
            foreach (INodeService service in _services)
            {
                await service.StartAsync(context, cancellationToken);
            }

            foreach (Multiaddress address in listen)
            {
                await _listeners.ListenAsync(address, cancellationToken);
            }
        }
        catch
        {
            await Waits.SettleAsync(DisposeAsync().AsTask()); // why it did not start is what is to be told
            throw;
        }
    }

    /// <summary>Tasks that the node owns: what a test compares before and after.</summary>
    internal int RunningTasks => _connections.RunningTasks + _listeners.RunningTasks + _dialer.RunningTasks;

    private IReadOnlyList<KeptPeer> Kept
    {
        get
        {
            lock (_closing)
            {
                return [.. _kept];
            }
        }
    }

    private void Release(KeptPeer kept)
    {
        lock (_closing)
        {
            _kept.Remove(kept);
        }
    }

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

    private async Task CloseAsync()
    {
        ShutdownSequence shutdown = new(_log);
        foreach (KeptPeer kept in Kept)
        {
            await shutdown.RunAsync($"keeping {kept.Peer}", kept.DisposeAsync);
        }

        foreach (INodeService service in _services.Reverse())
        {
            await shutdown.RunAsync($"the service {service.Name}", service.DisposeAsync);
        }

        await shutdown.RunAsync("the long-lived streams", _parts.Keeping.DisposeAsync);
        await shutdown.RunAsync("listening", _listeners.DisposeAsync);
        await shutdown.RunAsync("dialling", _dialer.DisposeAsync);
        await shutdown.RunAsync("the connections", () => new ValueTask(_connections.CloseAsync()));
        _parts.Events.Dispose();
        _parts.Instruments.Dispose();
        shutdown.ThrowIfFailed();
    }
}
