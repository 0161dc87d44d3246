using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Connections;
using Libp2p.Node.Dialing;
using Libp2p.Node.Listening;
using Libp2p.Node.State;
using Libp2p.Services;

namespace Libp2p.Node;

/// <summary>Looks at the parts of a node. Stops none of them for longer than a copy takes.</summary>
internal static class NodeStateReader
{
    public static NodeState Read(
        NodeParts node,
        IReadOnlyList<PeerConnection> connections,
        Listeners listeners,
        IReadOnlyList<INodeService> services,
        Dialer dialer) => new()
        {
            Self = node.Self,
            Taken = node.Seams.Time.GetUtcNow(),
            Listening = listeners.Listening,
            Unavailable = listeners.Unavailable,
            Protocols = node.Handlers.Protocols,
            Services = [.. services.Select(Describe)],
            Crypto = node.Crypto.Description,
            Usage = node.Limits.Usage,
            Limits = node.Limits.Limits,
            Dials = dialer.Describe(),
            DialAttempts = dialer.DescribeAttempts(),
            Kept = [.. dialer.Kept.All.Select(kept => kept.ToString())],
            Pending = [.. node.Limits.Pending.Select(lease => Read(lease, node.Seams.Time))],
            Connections = [.. connections.Select(connection => Read(connection, node.Seams.Time))],
            Scopes = [.. Scopes(node.Limits).Select(scope => new ScopeState(scope.Kind, scope.Name, scope.Usage))],
            Gates = [.. Bounds(node.Limits, Direction.Outbound).Select(one => new OutboundGateState(
                one.Peer, one.Usage.Protocol!, one.Usage.Key.Operation, one.Usage.Limit, one.Usage.Open, one.Usage.Waiting))],
            InboundGates = [.. Bounds(node.Limits, Direction.Inbound).Select(one => new InboundGateState(
                one.Peer, one.Usage.Protocol, one.Usage.Limit, one.Usage.Open, one.Usage.Waiting))],
            Abandoned = node.Abandoned.Describe(),
            UnknownMessages = node.Handlers.DescribeUnknownMessages(),
            Subscriptions = node.Events.Describe(),
        };

    private static string Describe(INodeService service)
    {
        try
        {
            return service.Condition is { } condition ? $"{service.Name} ({condition})" : service.Name;
        }
        catch (Exception e) // third-party services may throw anything, and the state is read when something is wrong
        {
            return $"{service.Name} ({e.GetType().Name}: {e.Message})";
        }
    }

    private static IEnumerable<IResourceScope> Scopes(ResourceManager limits) => [limits.Transient, .. limits.Peers, .. limits.Protocols];

    private static IEnumerable<(PeerId Peer, StreamBoundUsage Usage)> Bounds(ResourceManager limits, Direction direction) =>
        limits.Peers.SelectMany(peer => peer.Bounds.Where(bound => bound.Key.Direction == direction).Select(bound => (peer.Peer, bound)));

    private static PendingConnectionState Read(ConnectionLease lease, TimeProvider time) =>
        new(lease.Direction, lease.RemoteAddress, lease.ExpectedPeer, lease.Stage, time.GetElapsedTime(lease.Taken));

    private static ConnectionState Read(PeerConnection connection, TimeProvider time)
    {
        MuxerState muxer = connection.Muxed.GetState();
        return new ConnectionState
        {
            Id = connection.Id,
            Peer = connection.RemotePeer,
            Direction = connection.Direction,
            Age = time.GetElapsedTime(connection.Lease.Taken),
            LocalAddress = connection.LocalAddress,
            RemoteAddress = connection.RemoteAddress,
            IsRelayed = connection.IsRelayed,
            Security = connection.Security,
            Muxer = connection.Muxer,
            Sent = muxer.Sent,
            Received = muxer.Received,
            RoundTrip = muxer.RoundTrip,
            Usage = connection.Lease.Usage,
            Serving = connection.Serving,
            WaitingToOpen = muxer.WaitingToOpen,
            WaitingToBeAccepted = muxer.WaitingToBeAccepted,
            Ending = muxer.Ending,
            Streams = Read(connection.Lease.Streams, connection.IdleStreams, muxer, time),
        };
    }

    /// <summary>A lease knows the protocol and the age of a stream, the muxer its bytes; either may have it without the other.</summary>
    private static StreamState[] Read(IReadOnlyList<StreamLease> leases, IReadOnlySet<long> idle, MuxerState muxer, TimeProvider time)
    {
        Dictionary<long, MuxedStreamState> muxed = muxer.Streams.ToDictionary(stream => stream.Id);
        List<StreamState> streams = [];
        foreach (StreamLease lease in leases)
        {
            long? id = lease.StreamId;
            bool isKnown = muxed.Remove(id ?? -1, out MuxedStreamState stream);
            StreamPhase phase = id is null ? StreamPhase.Opening
                : !isKnown ? StreamPhase.Ending
                : lease.Protocol is null ? (lease.Agreed is null ? StreamPhase.Negotiating : StreamPhase.Admitting)
                : idle.Contains(id.Value) ? StreamPhase.Idle
                : StreamPhase.Open;
            streams.Add(Read(
                stream with { Direction = lease.Direction }, id, lease.Protocol ?? lease.Agreed, phase, time.GetElapsedTime(lease.Taken), lease.Admission));
        }

        streams.AddRange(muxer.Streams.Where(stream => muxed.ContainsKey(stream.Id)).Select(
            stream => Read(stream, stream.Id, null, StreamPhase.Ending, null)));
        return [.. streams];
    }

    private static StreamState Read(
        MuxedStreamState stream, long? id, ProtocolId? protocol, StreamPhase phase, TimeSpan? age, StreamAdmission admission = default) => new()
        {
            Id = id,
            Direction = stream.Direction,
            Protocol = protocol,
            Phase = phase,
            Age = age,
            Sent = stream.Sent,
            Received = stream.Received,
            SendWindow = stream.SendWindow,
            ReceiveWindow = stream.ReceiveWindow,
            Queued = stream.Queued,
            Buffered = stream.Buffered,
            IsWriteClosed = stream.IsWriteClosed,
            IsRemoteWriteClosed = stream.IsRemoteWriteClosed,
            WaitsFor = [.. Waits(stream, phase, admission)],
        };

    private static IEnumerable<StreamWait> Waits(MuxedStreamState stream, StreamPhase phase, StreamAdmission admission)
    {
        StreamWait? before = phase switch
        {
            StreamPhase.Opening => StreamWait.Opening,
            StreamPhase.Negotiating => StreamWait.Negotiation,
            StreamPhase.Admitting => admission == StreamAdmission.Policy ? StreamWait.AccessPolicy : StreamWait.Place,
            _ => null,
        };
        if (before is { } first)
        {
            yield return first;
        }

        if (stream.IsReaderWaiting)
        {
            yield return StreamWait.RemoteBytes;
        }
        else if (stream.Buffered > 0)
        {
            yield return StreamWait.LocalReader;
        }

        if (stream.Queued > stream.SendWindow)
        {
            yield return StreamWait.RemoteWindow;
        }
        else if (stream.IsWriterWaiting)
        {
            yield return StreamWait.Connection;
        }
    }
}
