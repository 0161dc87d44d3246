using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>
/// What the remote of a connection is known to speak, and what of it passes between the connection and the peer store. The store is
/// anybody's and may be slow: nobody waits for it, and no connection depends on it.
/// </summary>
internal sealed class ProtocolMemory(StreamHost host)
{
    private readonly TaskSet _consulting = new();

    /// <summary>What is known now.</summary>
    public PeerProtocols Known { get; } = new();

    /// <summary>Takes up what earlier connections learnt.</summary>
    public void Recall() => Consult(async peers =>
    {
        if (await peers.GetAsync(host.RemotePeer, host.Closing) is { Protocols: { Count: > 0 } protocols })
        {
            Known.Recalled(protocols);
        }
    });

    /// <summary>The remote refused what it was known to speak: nobody else shall believe it.</summary>
    public void Forget(ProtocolId refused)
    {
        host.Node.Instruments.NegotiationFailed(Direction.Outbound, nameof(ProtocolNotSupportedException));
        Consult(async peers =>
        {
            if (await peers.GetAsync(host.RemotePeer, host.Closing) is { } known && known.Protocols.Contains(refused))
            {
                ProtocolId[] spoken = [.. known.Protocols.Where(protocol => protocol != refused)];
                await peers.SetProtocolsAsync(host.RemotePeer, spoken, host.Closing);
                host.Node.Events.Publish(new PeerProtocolsChanged(host.RemotePeer, spoken));
            }
        });
    }

    /// <summary>Waits until the store is consulted no more.</summary>
    public Task CloseAsync() => _consulting.CloseAsync();

    private void Consult(Func<IPeerStore, Task> work) => _consulting.TryRun(async () =>
    {
        try
        {
            await host.Node.Abandoned.WaitAsync("The peer store", work(host.Node.Peers), host.Closing);
        }
        catch (Exception e)
        {
            StreamLog.PeerStoreFailed(host.Log, host.Connection.Id, e.Message, e);
        }
    });
}
