using System.Diagnostics.CodeAnalysis;
using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>The open streams of a session, the numbers it gives, and how many there may be. Not thread-safe.</summary>
internal sealed class StreamTable(ConnectionRole role, YamuxOptions options)
{
    private readonly Dictionary<uint, SessionStream> _streams = [];
    private readonly uint _ourParity = role == ConnectionRole.Initiator ? 1u : 0u;

    /// <summary>The number of our next stream; past 2^32 there is none.</summary>
    public long NextId { get; set; } = role == ConnectionRole.Initiator ? 1 : 2;

    /// <summary>Streams that the remote opened.</summary>
    public int Inbound { get; private set; }

    /// <summary>Streams that we opened.</summary>
    public int Outbound { get; private set; }

    /// <summary>Streams that we opened and the remote has not acknowledged.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>All of them.</summary>
    public int Count => _streams.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SessionStream> Streams => _streams.Values;

    public bool TryGet(uint streamId, [NotNullWhen(true)] out SessionStream? stream) => _streams.TryGetValue(streamId, out stream);

    /// <summary>Whether we may open a stream now.</summary>
    public OpenAnswer AskToOpen() =>
        NextId > uint.MaxValue ? OpenAnswer.Exhausted
        : Unacknowledged >= options.AckBacklog ? OpenAnswer.Wait // first: the remote is slow, and some of them may be over soon
        : Outbound >= options.MaxOutboundStreams ? OpenAnswer.TooMany
        : OpenAnswer.Yes;

    /// <summary>The number of the stream that is now opened.</summary>
    public uint TakeId()
    {
        uint streamId = (uint)NextId;
        NextId += 2;
        return streamId;
    }

    /// <summary>Whether the remote may open the stream; false when there are too many.</summary>
    /// <exception cref="ProtocolViolationException">It must not, ever.</exception>
    public bool AskToAdmit(uint streamId)
    {
        if ((streamId & 1) == _ourParity)
        {
            Violation.WrongParity(streamId);
        }

        if (_streams.ContainsKey(streamId))
        {
            Violation.DuplicateSyn(streamId);
        }

        return Inbound < options.MaxInboundStreams;
    }

    public void Add(SessionStream stream)
    {
        _streams.Add(stream.StreamId, stream);
        if (stream.Direction == Direction.Inbound)
        {
            Inbound++;
        }
        else
        {
            Outbound++;
            Unacknowledged++;
        }
    }

    /// <summary>The remote acknowledged one of ours, or it is over.</summary>
    public void Acknowledge() => Unacknowledged--;

    /// <summary>Takes a stream out that is over; false when it was out.</summary>
    public bool Remove(SessionStream stream)
    {
        if (!_streams.Remove(stream.StreamId))
        {
            return false;
        }

        Inbound -= stream.Direction == Direction.Inbound ? 1 : 0;
        Outbound -= stream.Direction == Direction.Outbound ? 1 : 0;
        return true;
    }

    /// <summary>Gives up the room that a burst took: no stream is open.</summary>
    public void Trim() => _streams.TrimExcess();
}

/// <summary>Whether we may open a stream.</summary>
internal enum OpenAnswer
{
    /// <summary>Now.</summary>
    Yes,

    /// <summary>When the remote has acknowledged some.</summary>
    Wait,

    /// <summary>Not while so many are open.</summary>
    TooMany,

    /// <summary>Never again on this connection: its stream numbers are used up.</summary>
    Exhausted,

    /// <summary>Not while the remote reads so little.</summary>
    Congested,

    /// <summary>Never again: the session ends.</summary>
    Closed,
}
