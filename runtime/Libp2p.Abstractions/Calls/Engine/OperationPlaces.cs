namespace Libp2p;

/// <summary>
/// Counts the inbound streams of operations that share an id, by peer. Until its first message tells which it is for, a stream takes a
/// place of each operation that has one free. Holds nothing of peers without streams. Thread-safe.
/// </summary>
/// <param name="bounds">Places of each operation.</param>
internal sealed class OperationPlaces(int[] bounds)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ValueTuple<PeerId?>, int[]> _taken = [];

    /// <summary>Takes a place of each operation, for the life of the stream.</summary>
    /// <exception cref="LimitExceededException">None has one free.</exception>
    public Place Enter(P2PStream stream)
    {
        bool[] held = new bool[bounds.Length];
        lock (_gate)
        {
            ValueTuple<PeerId?> peer = new(stream.RemotePeer);
            if (!_taken.TryGetValue(peer, out int[]? taken))
            {
                _taken[peer] = taken = new int[bounds.Length];
            }

            for (int i = 0; i < bounds.Length; i++)
            {
                held[i] = taken[i] < bounds[i];
                taken[i] += held[i] ? 1 : 0;
            }
        }

        if (!held.Contains(true))
        {
            GiveBack(stream.RemotePeer, held, except: -1);
            throw Full(stream, bounds.Sum());
        }

        Place place = new(this, stream, held);
        stream.Own(place);
        return place;
    }

    private void GiveBack(PeerId? remote, bool[] held, int except)
    {
        lock (_gate)
        {
            ValueTuple<PeerId?> peer = new(remote);
            if (!_taken.TryGetValue(peer, out int[]? taken))
            {
                return;
            }

            for (int i = 0; i < held.Length; i++)
            {
                if (held[i] && i != except)
                {
                    held[i] = false;
                    taken[i]--;
                }
            }

            if (!taken.Any(count => count > 0))
            {
                _taken.Remove(peer);
            }
        }
    }

    private static LimitExceededException Full(P2PStream stream, int bound) =>
        new($"{stream.Protocol}: {stream.RemotePeer?.ToString() ?? "the remote"} has {bound} streams of the operation, as many as it may");

    /// <summary>What one stream takes.</summary>
    internal sealed class Place(OperationPlaces places, P2PStream stream, bool[] held) : IDisposable
    {
        /// <summary>Keeps the place of the operation that the stream is for, and gives the others back.</summary>
        /// <exception cref="LimitExceededException">It had none free.</exception>
        public void Keep(int operation, int bound)
        {
            if (!held[operation])
            {
                throw Full(stream, bound);
            }

            places.GiveBack(stream.RemotePeer, held, except: operation);
        }

        public void Dispose() => places.GiveBack(stream.RemotePeer, held, except: -1);
    }
}
