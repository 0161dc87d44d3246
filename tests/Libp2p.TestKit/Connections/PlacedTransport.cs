using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Transports;

namespace Libp2p.TestKit.Connections;

/// <summary>A transport whose links say that the other end is somewhere else: nodes in memory that believe to be far apart.</summary>
/// <param name="inner">Makes byte links.</param>
/// <param name="remote">Where the other end of the next link is said to be.</param>
public sealed class PlacedTransport(ILinkTransport inner, Func<Multiaddress> remote) : ILinkTransport
{
    public string Name => inner.Name;

    public bool CanDial(Multiaddress address) => inner.CanDial(address);

    public bool CanListen(Multiaddress address) => inner.CanListen(address);

    public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken) =>
        new Link(await inner.DialAsync(dial, cancellationToken), remote());

    public async ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
        new Listener(await inner.ListenAsync(address, cancellationToken), remote);

    private sealed class Listener(ITransportListener<IByteLink> inner, Func<Multiaddress> remote) : ITransportListener<IByteLink>
    {
        public event Action? AddressesChanged
        {
            add => inner.AddressesChanged += value;
            remove => inner.AddressesChanged -= value;
        }

        public IReadOnlyList<Multiaddress> Addresses => inner.Addresses;

        public async ValueTask<IPendingConnection<IByteLink>?> AcceptAsync(CancellationToken cancellationToken) =>
            await inner.AcceptAsync(cancellationToken) is { } pending ? new Pending(pending, remote()) : null;

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Pending(IPendingConnection<IByteLink> inner, Multiaddress remote) : IPendingConnection<IByteLink>
    {
        public Multiaddress LocalAddress => inner.LocalAddress;

        public Multiaddress RemoteAddress => remote;

        public async ValueTask<IByteLink> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken) =>
            new Link(await inner.AcceptAsync(admission, cancellationToken), remote);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Link(IByteLink inner, Multiaddress remote) : IByteLink
    {
        public PipeReader Input => inner.Input;

        public PipeWriter Output => inner.Output;

        public Multiaddress LocalAddress => inner.LocalAddress;

        public Multiaddress RemoteAddress => remote;

        public bool IsRelayed => inner.IsRelayed;

        public ConnectionLimit? Limit => inner.Limit;

        public void Abort(EndReason reason) => inner.Abort(reason);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
