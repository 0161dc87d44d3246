using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Transports.Memory;

/// <summary>Hands over the ends that dialers made. A full backlog lets dialers wait.</summary>
internal sealed class MemoryListener : ITransportListener<IByteLink>
{
    private const int Backlog = 128;

    private readonly BoundedQueue<MemoryLink> _knocking = new(Backlog);
    private readonly MemoryNetwork _network;
    private readonly ulong _port;

    public MemoryListener(MemoryNetwork network, NodeScheduler scheduler, ulong port)
    {
        _network = network;
        Scheduler = scheduler;
        _port = network.Add(port, this);
        Addresses = [MemoryAddress.Of(_port)];
    }

    /// <summary>Never raised: the address is fixed.</summary>
    public event Action? AddressesChanged
    {
        add { }
        remove { }
    }

    public NodeScheduler Scheduler { get; }

    public IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>Gives the listener its end; false when it was closed.</summary>
    public ValueTask<bool> OfferAsync(MemoryLink link, CancellationToken cancellationToken) => _knocking.EnqueueAsync(link, cancellationToken);

    public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken) =>
        await _knocking.DequeueAsync(cancellationToken) is { HasItem: true, Item: { } link } ? new Pending(link) : null;

    public async ValueTask DisposeAsync()
    {
        _network.Remove(_port, this);
        _knocking.Complete();
        while (_knocking.TryDequeue(out MemoryLink? link))
        {
            await link.DisposeAsync();
        }
    }

    private sealed class Pending(MemoryLink link) : IPendingConnection<IByteLink>
    {
        private MemoryLink? _link = link;

        public Multiaddress LocalAddress { get; } = link.LocalAddress;

        public Multiaddress RemoteAddress { get; } = link.RemoteAddress;

        public ValueTask<IByteLink> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken) => ValueTask.FromResult<IByteLink>(
            Interlocked.Exchange(ref _link, null) ?? throw new InvalidOperationException("The pending connection was taken or refused already."));

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _link, null)?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
