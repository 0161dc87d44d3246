namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Streams in the order they came: those that wait to be accepted, or those that linger. A stream stands in one list at most, and
/// leaves it in constant time, so what a remote opens and resets leaves nothing behind.
/// </summary>
internal sealed class StreamList
{
    private SessionStream? _last;

    /// <summary>The one that came first.</summary>
    public SessionStream? First { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a stream that stands in no list.</summary>
    public void Add(SessionStream stream, long due = 0)
    {
        stream.Place = new Place { List = this, Due = due, Previous = _last };
        if (_last is null)
        {
            First = stream;
        }
        else
        {
            _last.Place.Next = stream;
        }

        _last = stream;
        Count++;
    }

    /// <summary>Takes the first.</summary>
    public SessionStream? TakeFirst()
    {
        SessionStream? first = First;
        if (first is not null)
        {
            Unlink(first);
        }

        return first;
    }

    /// <summary>Takes a stream out of the list in which it stands, if it stands in one.</summary>
    public static void Remove(SessionStream stream) => stream.Place.List?.Unlink(stream);

    private void Unlink(SessionStream stream)
    {
        Place place = stream.Place;
        stream.Place = default;
        if (place.Previous is null)
        {
            First = place.Next;
        }
        else
        {
            place.Previous.Place.Next = place.Next;
        }

        if (place.Next is null)
        {
            _last = place.Previous;
        }
        else
        {
            place.Next.Place.Previous = place.Previous;
        }

        Count--;
    }

    /// <summary>Where a stream stands.</summary>
    public struct Place
    {
        /// <summary>The list, or null.</summary>
        public StreamList? List;

        /// <summary>When its time is over.</summary>
        public long Due;

        /// <summary>The one before.</summary>
        public SessionStream? Previous;

        /// <summary>The one behind.</summary>
        public SessionStream? Next;
    }
}
