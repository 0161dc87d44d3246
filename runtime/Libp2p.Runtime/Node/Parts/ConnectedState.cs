namespace Libp2p.Node;

/// <summary>
/// The open connections and the latest protocols of their peers, as the node's events told them: the state that a new subscriber gets
/// first. Because it is taken from the events, it agrees with those that follow it. Bounded by the open connections. Not thread-safe.
/// </summary>
internal sealed class ConnectedState
{
    private readonly SortedDictionary<long, ConnectionOpened> _open = []; // by the connection's number, in the order they came to be
    private readonly Dictionary<PeerId, (int Connections, PeerProtocolsChanged? Latest)> _peers = [];

    /// <summary>An event for each open connection, then one for each of their peers that told its protocols.</summary>
    public IEnumerable<NodeEvent> Current =>
    [
        .. _open.Values,
        .. _open.Values.Select(static open => open.Connection.RemotePeer).Distinct().Select(peer => _peers[peer].Latest).OfType<NodeEvent>(),
    ];

    public void Observe(NodeEvent nodeEvent)
    {
        switch (nodeEvent)
        {
            case ConnectionOpened opened when _open.TryAdd(opened.Connection.Id, opened):
                (int before, PeerProtocolsChanged? latest) = _peers.GetValueOrDefault(opened.Connection.RemotePeer);
                _peers[opened.Connection.RemotePeer] = (before + 1, latest);
                break;
            case ConnectionClosed closed when _open.Remove(closed.Connection.Id):
                Leave(closed.Connection.RemotePeer);
                break;
            case PeerProtocolsChanged told when _peers.TryGetValue(told.Peer, out (int Connections, PeerProtocolsChanged? Latest) known):
                _peers[told.Peer] = (known.Connections, told);
                break;
        }
    }

    private void Leave(PeerId peer)
    {
        (int connections, PeerProtocolsChanged? latest) = _peers[peer];
        if (connections > 1)
        {
            _peers[peer] = (connections - 1, latest);
        }
        else
        {
            _peers.Remove(peer);
        }
    }
}
