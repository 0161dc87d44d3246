using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Transports.Memory;

/// <summary>
/// Connections within one process, <c>/memory/n</c>, with back-pressure and half-close like real ones. Port 0 listens on a free one.
/// </summary>
/// <param name="network">What is shared with the nodes that are to be reached.</param>
/// <param name="scheduler">The node's.</param>
public sealed class MemoryTransport(MemoryNetwork network, NodeScheduler scheduler) : ILinkTransport
{
    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public bool CanDial(Multiaddress address) => MemoryAddress.TryGetPort(address, out ulong port) && port != 0;

    /// <inheritdoc/>
    public bool CanListen(Multiaddress address) => MemoryAddress.TryGetPort(address, out _);

    /// <inheritdoc/>
    public async ValueTask<IByteLink> DialAsync(TransportDial dial, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dial);
        cancellationToken.ThrowIfCancellationRequested();
        ulong port = MemoryAddress.GetPort(dial.Address);
        if (!network.TryFind(port, out MemoryListener? listener))
        {
            throw new IOException($"No listener on {dial.Address}");
        }

        (MemoryLink ours, MemoryLink theirs) = MemoryLink.CreatePair(
            scheduler, listener.Scheduler, MemoryAddress.Of(network.NextPort()), MemoryAddress.Of(port));
        if (!await listener.OfferAsync(theirs, cancellationToken))
        {
            throw new IOException($"The listener on {dial.Address} was closed");
        }

        return ours;
    }

    /// <inheritdoc/>
    public ValueTask<ITransportListener<IByteLink>> ListenAsync(Multiaddress address, CancellationToken cancellationToken) =>
        ValueTask.FromResult<ITransportListener<IByteLink>>(new MemoryListener(network, scheduler, MemoryAddress.GetPort(address)));
}
