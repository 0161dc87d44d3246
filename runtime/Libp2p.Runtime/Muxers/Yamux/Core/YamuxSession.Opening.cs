using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>Opening, which waits while too many streams are unacknowledged, and accepting.</content>
internal sealed partial class YamuxSession
{
    /// <summary>Whether the application waits for a stream of the remote's.</summary>
    public bool IsAccepting { get; private set; }

    /// <summary>Whether the remote reads so little that streams which are over pile up before the writer: each can wait twice.</summary>
    public bool IsCongested => _control.Count + _data.Count > 2L * ((long)Options.MaxInboundStreams + Options.MaxOutboundStreams);

    /// <summary>Opens a stream, if one may be opened now.</summary>
    /// <param name="isFirst">Whether no other caller waits before this one.</param>
    /// <param name="stream">The stream, with <see cref="OpenAnswer.Yes"/>.</param>
    /// <param name="now">The time.</param>
    public OpenAnswer TryOpen(bool isFirst, out SessionStream? stream, long now)
    {
        stream = null;
        OpenAnswer answer = (EndReason ?? GoingAway) is not null ? OpenAnswer.Closed
            : IsCongested ? OpenAnswer.Congested
            : _table.AskToOpen();
        if (answer == OpenAnswer.Yes && !isFirst)
        {
            return OpenAnswer.Wait;
        }

        if (answer == OpenAnswer.Yes)
        {
            stream = _create(_table.TakeId(), Direction.Outbound);
            _table.Add(stream);
            stream.QueueSyn(now); // here, so that SYNs leave in the order of their numbers
        }

        return answer;
    }

    /// <summary>The next stream that the remote opened, which is acknowledged; null when there is none.</summary>
    public SessionStream? TryAccept(long now)
    {
        SessionStream? stream = EndReason is null ? _accepting.TakeFirst() : null;
        stream?.Accept(now);
        return stream;
    }

    /// <summary>The application waits for a stream.</summary>
    public void WaitToAccept() => IsAccepting = true;

    /// <summary>The wait is given up; false when it has ended already.</summary>
    public bool TryStopAccepting()
    {
        bool waited = IsAccepting;
        IsAccepting = false;
        return waited;
    }

    /// <summary>The stream that the acceptor that was woken is given; null when there will be none.</summary>
    public SessionStream? TakeAccepted()
    {
        SessionStream? accepted = _accepted;
        _accepted = null;
        return accepted;
    }

    private SessionStream? _accepted; // by a caller that was waiting and has not come for it yet

    private void GiveToAcceptor(SessionStream stream, long now)
    {
        if (TryStopAccepting())
        {
            _accepted = stream;
            stream.Accept(now);
            _effects.Add(ConnectionEffects.WakeAcceptor);
        }
        else
        {
            _accepting.Add(stream);
        }
    }
}
