using Libp2p.Connections;
using Libp2p.Transports;

namespace Libp2p.Tests.Faults;

/// <summary>A transport all of whose links have the same fault.</summary>
internal sealed class FaultyTransport(ITransport inner, Fault? fault) : ITransport
{
    public string Name => "faulty";

    /// <summary>What it made.</summary>
    public List<FaultyLink> Links { get; } = [];

    public bool CanDial(Multiaddress address) => inner.CanDial(address);

    public bool CanListen(Multiaddress address) => inner.CanListen(address);

    public async ValueTask<ITransportConnection> DialAsync(Multiaddress address, DialRequest request, CancellationToken cancellationToken) =>
        Wrap(await inner.DialAsync(address, request, cancellationToken));

    public async ValueTask<ITransportListener> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
        new Listener(this, await inner.ListenAsync(address, cancellationToken));

    private FaultyLink Wrap(ITransportConnection connection)
    {
        FaultyLink link = new((IByteLink)connection, fault);
        Links.Add(link);
        return link;
    }

    private sealed class Listener(FaultyTransport transport, ITransportListener inner) : ITransportListener
    {
        public IReadOnlyList<Multiaddress> Addresses => inner.Addresses;

        public async ValueTask<IPendingConnection?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } pending ? new Pending(transport, pending) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Pending(FaultyTransport transport, IPendingConnection inner) : IPendingConnection
    {
        public Multiaddress LocalAddress => inner.LocalAddress;

        public Multiaddress RemoteAddress => inner.RemoteAddress;

        public async ValueTask<ITransportConnection> AcceptAsync(CancellationToken cancellationToken) =>
            transport.Wrap(await inner.AcceptAsync(cancellationToken));

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
