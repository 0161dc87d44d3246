using Libp2p.Connections;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.TestKit;

/// <summary>A listener of a <see cref="SelfSecuringTransport"/>, whose addresses a test can change.</summary>
public sealed class SelfSecuringListener : ITransportListener<UpgradedConnection>
{
    private readonly SelfSecuringTransport _transport;
    private readonly ITransportListener<IByteLink> _links;

    internal SelfSecuringListener(SelfSecuringTransport transport, ITransportListener<IByteLink> links)
    {
        _transport = transport;
        _links = links;
        Addresses = [.. links.Addresses.Select(SelfSecuringNetwork.FromMemory)];
    }

    /// <inheritdoc/>
    public event Action? AddressesChanged;

    /// <inheritdoc/>
    public IReadOnlyList<Multiaddress> Addresses { get; private set; }

    /// <summary>Whether a subscriber to <see cref="AddressesChanged"/> is left.</summary>
    public bool IsWatched => AddressesChanged is not null;

    /// <summary>Whether it was disposed of.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>It can be reached elsewhere from now on.</summary>
    public void Change(params IReadOnlyList<Multiaddress> addresses)
    {
        Addresses = addresses;
        AddressesChanged?.Invoke();
    }

    /// <inheritdoc/>
    public async ValueTask<IPendingConnection<UpgradedConnection>?> AcceptAsync(CancellationToken cancellationToken) =>
        await _links.AcceptAsync(cancellationToken) is { } pending ? new Pending(_transport, pending) : null;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return _links.DisposeAsync();
    }

    private sealed class Pending(SelfSecuringTransport transport, IPendingConnection<IByteLink> pending) : IPendingConnection<UpgradedConnection>
    {
        public Multiaddress LocalAddress { get; } = SelfSecuringNetwork.FromMemory(pending.LocalAddress);

        public Multiaddress RemoteAddress { get; } = SelfSecuringNetwork.FromMemory(pending.RemoteAddress);

        public async ValueTask<UpgradedConnection> AcceptAsync(ConnectionAdmission admission, CancellationToken cancellationToken)
        {
            IByteLink link = await pending.AcceptAsync(admission, cancellationToken);
            return await transport.SecureAsync(link, ConnectionRole.Responder, ExpectedPeer.Anyone, admission, cancellationToken);
        }

        public ValueTask DisposeAsync() => pending.DisposeAsync();
    }
}
