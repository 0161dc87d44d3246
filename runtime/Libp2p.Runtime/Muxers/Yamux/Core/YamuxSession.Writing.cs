namespace Libp2p.Muxers.Yamux;

/// <content>
/// Frames to write: the session's own, and streams with something to say in two rounds (control, data). Bounded by construction: each
/// stream stands in each round once at most, pongs and refusals are capped, one ping is out at a time.
/// </content>
internal sealed partial class YamuxSession
{
    /// <summary>Pongs that may wait; later pings go unanswered.</summary>
    public const int MaxPongs = 32;

    /// <summary>Refusals that may wait: as many as a burst of streams that are opened without waiting for our answers may have.</summary>
    public const int MaxRefusals = 1024;

    /// <summary>Bytes in one batch: with what security adds it fits one Noise message, and one buffer of 64 KiB on the way to a socket.</summary>
    private const int BatchBytes = (64 * 1024) - 512;

    /// <summary>Frames in one batch.</summary>
    private const int BatchFrames = 64;

    /// <summary>A stream's share while others wait.</summary>
    private const int SharedBody = 16 * 1024;

    /// <summary>
    /// How long SYN and ACK wait for what the stream says next, so that both leave together. Longer than an answer, because nobody waits for
    /// them alone, and each timer that is the next to fire wakes a thread when it is set.
    /// </summary>
    public static readonly TimeSpan ControlHold = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a short first answer waits.</summary>
    public static readonly TimeSpan AnswerHold = TimeSpan.FromMilliseconds(1);

    private readonly Queue<FrameHeader> _own = new(); // pongs, pings, refusals
    private readonly Queue<SessionStream> _control = new();
    private readonly Queue<SessionStream> _data = new();
    private WriterEnding? _ending;
    private long _heldBackUntil = long.MaxValue;
    private bool _isUrgent;
    private int _pongs;
    private int _refusals;

    /// <summary>Whether a batch is to be written now.</summary>
    public bool IsWriteDue => _isUrgent;

    private bool HasFrames => _own.Count + _control.Count + _data.Count > 0;

    /// <summary>Adds a stream that has control frames to send.</summary>
    public void AddControl(SessionStream stream) => _control.Enqueue(stream);

    /// <summary>Adds a stream that has data to send.</summary>
    public void AddData(SessionStream stream) => _data.Enqueue(stream);

    /// <summary>What was added is to be written now.</summary>
    public void AskForWriter() => _isUrgent = true;

    /// <summary>What was added is to be written with what comes within this time, or after it.</summary>
    public void HoldBack(TimeSpan time, long now) => _heldBackUntil = _isUrgent ? _heldBackUntil : Math.Min(_heldBackUntil, After(now, time));

    /// <summary>What is held back is written now: the application waits for the remote's answer to it.</summary>
    public void SendHeldBack() => _isUrgent |= _heldBackUntil != long.MaxValue;

    /// <summary>Plans the next batch: own frames, then each stream's control frames, then data, a frame for each stream in turn.</summary>
    /// <param name="batch">Where frames are added.</param>
    /// <param name="now">The time.</param>
    /// <returns>Whether it is the last batch of the session.</returns>
    public bool PlanBatch(List<PlannedFrame> batch, long now)
    {
        _isUrgent = false;
        _heldBackUntil = long.MaxValue;
        bool isLast = _ending is { DrainsData: false };
        if (!isLast)
        {
            PlanControl(batch, now);
            PlanData(batch, now);
            isLast = _ending is not null && !HasFrames;
            _isUrgent = HasFrames;
        }

        if (isLast && _ending!.Value.GoAway is { } code)
        {
            batch.Add(new PlannedFrame(new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, code)));
        }

        return isLast;
    }

    /// <summary>How the writer ends. The first way stays; only <see cref="WriterEnding.AtOnce"/> overrides it.</summary>
    public void EndWriter(WriterEnding ending)
    {
        _ending = _ending is null || ending == WriterEnding.AtOnce ? ending : _ending;
        _isUrgent = true;
    }

    /// <summary>The writer has gone: what is queued will not be sent.</summary>
    public void DropQueued()
    {
        foreach (SessionStream stream in _table.Streams.Concat(_control).Concat(_data))
        {
            stream.DropQueued(); // some left the table, and their last words did not get out
        }

        _control.Clear();
        _data.Clear();
    }

    private void PlanControl(List<PlannedFrame> batch, long now)
    {
        while (batch.Count < BatchFrames && _own.TryDequeue(out FrameHeader frame))
        {
            _pongs -= frame.Type == FrameType.Ping && frame.Has(FrameFlags.Ack) ? 1 : 0;
            _refusals -= frame.Type == FrameType.WindowUpdate ? 1 : 0;
            batch.Add(new PlannedFrame(frame));
        }

        while (batch.Count < BatchFrames && _control.TryDequeue(out SessionStream? stream))
        {
            stream.PlanControl(batch, now);
        }
    }

    private void PlanData(List<PlannedFrame> batch, long now)
    {
        int room = BatchBytes - (FrameHeader.Size * batch.Count);
        int share = Math.Max(SharedBody, room / Math.Max(_data.Count, 1)) - FrameHeader.Size;
        for (int turns = _data.Count; turns > 0 && room > SharedBody / 2 && batch.Count < 2 * BatchFrames; turns--)
        {
            int length = _data.Dequeue().PlanData(batch, Math.Min(Math.Min(share, room - FrameHeader.Size), Options.MaxFrameBody), now);
            room -= length + FrameHeader.Size;
        }
    }

    private void AddPing(uint value)
    {
        _own.Enqueue(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, value));
        _isUrgent = true;
    }

    /// <summary>Answers a ping, unless too many answers wait: then the remote does not read, and will not miss it.</summary>
    private void AddPong(uint value)
    {
        if (_pongs < MaxPongs)
        {
            _pongs++;
            _own.Enqueue(new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, value));
            _isUrgent = true;
        }
    }

    /// <summary>Resets a stream that was not taken up.</summary>
    private void AddRefusal(uint streamId)
    {
        if (_refusals == MaxRefusals)
        {
            Violation.TooManyRefusals(MaxRefusals);
        }

        _refusals++;
        _own.Enqueue(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, streamId, ErrorCode.ResourceLimitExceeded.Value));
        _isUrgent = true;
    }
}
