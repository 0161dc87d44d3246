using Libp2p.Connections;
using Libp2p.Transports;

namespace Libp2p.Tests.Faults;

/// <summary>A transport all of whose links have the same fault.</summary>
internal sealed class FaultyTransport(ILinkTransport inner, Fault? fault) : ILinkTransport
{
    public string Name => "faulty";

    /// <summary>What it made.</summary>
    public List<FaultyLink> Links { get; } = [];

    public bool CanDial(Multiaddress address) => inner.CanDial(address);

    public bool CanListen(Multiaddress address) => inner.CanListen(address);

    public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) =>
        Wrap(await inner.DialAsync(dial, cancellationToken));

    public async ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
        new Listener(this, await inner.ListenAsync(address, cancellationToken));

    private FaultyLink Wrap(IByteLink inner)
    {
        FaultyLink link = new(inner, fault);
        Links.Add(link);
        return link;
    }

    private sealed class Listener(FaultyTransport transport, ITransportListener<IByteLink> inner) : ITransportListener<IByteLink>
    {
        public event Action? AddressesChanged
        {
            add { }
            remove { }
        }

        public IReadOnlyList<Multiaddress> Addresses => inner.Addresses;

        public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } pending ? new Pending(transport, pending) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Pending(FaultyTransport transport, IPendingConnection<IByteLink> inner) : IPendingConnection<IByteLink>
    {
        public Multiaddress LocalAddress => inner.LocalAddress;

        public Multiaddress RemoteAddress => inner.RemoteAddress;

        public async ValueTask<IByteLink> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken) =>
            transport.Wrap(await inner.AcceptAsync(admission, cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
