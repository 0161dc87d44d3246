namespace Libp2p;

/// <summary>
/// Counts the inbound streams of operations that share an id, by peer. Until its first message tells which it is for, a stream takes a
/// place of each operation that has one free. Holds nothing of peers without streams. Thread-safe.
/// </summary>
/// <param name="limits">The bounds of each operation.</param>
internal sealed class OperationPlaces(OperationLimits[] limits)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ValueTuple<PeerId?>, List<Place>> _streams = []; // the oldest first

    /// <summary>Whether a stream of the operation makes room for a newer one.</summary>
    public static bool Replaces(OperationLimits limits) => limits.WhenFull == WhenFull.ReplaceOldest;

    /// <summary>Takes a place of each operation that has one free, for the life of the stream.</summary>
    /// <exception cref="LimitExceededException">None has, and none would make room.</exception>
    public Place Enter(P2PStream stream)
    {
        Place place = new(this, stream, new bool[limits.Length]);
        lock (_gate)
        {
            ValueTuple<PeerId?> peer = new(stream.RemotePeer);
            List<Place> streams = _streams.GetValueOrDefault(peer, []);
            for (int i = 0; i < limits.Length; i++)
            {
                place.Holds[i] = IsFree(streams, i);
            }

            if (!place.Holds.Contains(true) && !limits.Any(Replaces))
            {
                throw Full(stream, limits.Sum(one => one.InboundPerPeer));
            }

            streams.Add(place);
            _streams[peer] = streams;
        }

        stream.Own(place);
        return place;
    }

    private bool IsFree(List<Place> streams, int operation) =>
        streams.Count(other => other.Holds[operation]) < limits[operation].InboundPerPeer;

    /// <summary>Leaves a stream the place of one operation, which it takes from the oldest other one if it must and may.</summary>
    /// <returns>The stream that made room.</returns>
    private P2PStream? Keep(Place place, int operation)
    {
        lock (_gate)
        {
            if (!_streams.TryGetValue(new(place.Stream.RemotePeer), out List<Place>? streams))
            {
                return null; // it has ended meanwhile
            }

            Place? oldest = null;
            if (!place.Holds[operation] && !IsFree(streams, operation))
            {
                oldest = Replaces(limits[operation])
                    ? streams.Find(other => other.IsDecided && other.Holds[operation]) ?? streams.Find(other => other.Holds[operation])
                    : null;
                if (oldest is null)
                {
                    throw Full(place.Stream, limits[operation].InboundPerPeer);
                }

                oldest.Holds[operation] = false;
            }

            Array.Clear(place.Holds);
            place.Holds[operation] = place.IsDecided = true;
            return oldest is { IsDecided: true } ? oldest.Stream : null; // one that is not decided may be for another operation
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

    private static LimitExceededException Full(P2PStream stream, int bound) =>
        new($"{stream.Protocol}: {stream.RemotePeer?.ToString() ?? "the remote"} has {bound} streams of the operation, as many as it may");

    /// <summary>What one stream takes.</summary>
    internal sealed class Place(OperationPlaces places, P2PStream stream, bool[] holds) : IDisposable
    {
        public P2PStream Stream { get; } = stream;

        /// <summary>Under the lock: of which operations it has a place.</summary>
        public bool[] Holds { get; } = holds;

        /// <summary>Under the lock: whether it is known which operation it is for.</summary>
        public bool IsDecided { get; set; }

        /// <summary>Keeps the place of the operation that the stream is for, and gives the others back.</summary>
        /// <exception cref="LimitExceededException">It had none free, and no older stream makes room.</exception>
        public void Keep(int operation) => places.Keep(this, operation)?.Reset(
            new EndReason(EndedBy.Limit, ErrorCode.Supplanted, $"{Stream.Protocol}: a newer stream took its place"));

        public void Dispose() => places.Leave(this);
    }
}
