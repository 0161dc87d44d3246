namespace Libp2p;

/// <summary>
/// Counts the inbound streams of operations that share an id, by peer. A stream takes the place of its operation when its first message
/// tells which that is; until then all streams together are bounded by the sum of the operations' bounds, so that no peer that keeps to
/// the bound of each is refused. Holds nothing of peers without streams. Thread-safe.
/// </summary>
/// <param name="limits">The bounds of each operation.</param>
internal sealed class OperationPlaces(OperationLimits[] limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ValueTuple<PeerId?>, List<Place>> _streams = []; // the oldest first
    private readonly int _together = InboundTogether(limits);

    /// <summary>Streams of all of them, with room for one more where it may turn out to replace another.</summary>
    public static int InboundTogether(IReadOnlyList<OperationLimits> limits) =>
        (int)Math.Min(int.MaxValue, limits.Sum(one => (long)one.InboundPerPeer) + (limits.Any(Replaces) ? 1 : 0));

    /// <summary>Admits a stream, for its life.</summary>
    /// <exception cref="LimitExceededException">The peer has as many as all operations together admit.</exception>
    public Place Enter(P2PStream stream)
    {
        Place place = new(this, stream);
        lock (_gate)
        {
            ValueTuple<PeerId?> peer = new(stream.RemotePeer);
            List<Place> streams = _streams.GetValueOrDefault(peer, []);
            if (streams.Count >= _together)
            {
                throw Full(stream, _together);
            }

            streams.Add(place);
            _streams[peer] = streams;
        }

        stream.Own(place);
        return place;
    }

    /// <summary>Gives a stream the place of its operation, which it takes from the oldest other one if it must and may.</summary>
    /// <returns>The stream that made room.</returns>
    private P2PStream? Take(Place place, int operation)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(new(place.Stream.RemotePeer), out List<Place>? streams))
            {
                return null; // it has ended meanwhile
            }

            Place? oldest = null;
            if (streams.Count(other => other.Operation == operation) >= limits[operation].InboundPerPeer)
            {
                oldest = Replaces(limits[operation]) ? streams.Find(other => other.Operation == operation) : null;
                if (oldest is null)
                {
                    throw Full(place.Stream, limits[operation].InboundPerPeer);
                }

                oldest.Operation = null;
            }

            place.Operation = operation;
            return oldest?.Stream;
        }
    }

    private void Leave(Place place)
    {
        lock (_gate)
        {
            ValueTuple<PeerId?> peer = new(place.Stream.RemotePeer);
            if (_streams.TryGetValue(peer, out List<Place>? streams) && streams.Remove(place) && streams.Count == 0)
            {
                _streams.Remove(peer);
            }
        }
    }

    private static bool Replaces(OperationLimits limits) => limits.WhenFull == WhenFull.ReplaceOldest;

    private static LimitExceededException Full(P2PStream stream, int bound) =>
        new($"{stream.Protocol}: {stream.RemotePeer?.ToString() ?? "the remote"} has {bound} streams of the operation, as many as it may");

    /// <summary>What one stream takes.</summary>
    internal sealed class Place(OperationPlaces places, P2PStream stream) : IDisposable
    {
        public P2PStream Stream { get; } = stream;

        /// <summary>Under the lock: the operation whose place it has; null while it is not known, or after it was replaced.</summary>
        public int? Operation { get; set; }

        /// <summary>Takes the place of the operation that the stream is for.</summary>
        /// <exception cref="LimitExceededException">It has none free, and no older stream makes room.</exception>
        public void Take(int operation) => places.Take(this, operation)?.Reset(
            new EndReason(EndedBy.Limit, ErrorCode.Supplanted, $"{Stream.Protocol}: a newer stream took its place"));

        public void Dispose() => places.Leave(this);
    }
}
