using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>Frames that come: each is checked, counted where it costs the remote nothing, and done.</content>
internal sealed partial class YamuxSession
{
    /// <summary>A frame with less in it, and without flags, is tiny.</summary>
    private const int TinyBody = 16;

    private FrameDecoder _decoder;
    private TokenBucket _tinyFrames;
    private TokenBucket _pings;
    private TokenBucket _resets;
    private SessionStream? _current; // whose frame is being read

    /// <summary>Whether the link stands between two frames.</summary>
    public bool IsBetweenFrames => _decoder.IsBetweenFrames;

    /// <summary>What the remote sends is thrown away until it goes: it broke the rules.</summary>
    public bool IgnoresInput { get; private set; }

    /// <summary>Takes bytes of the link until the driver has something to do, or they are used up.</summary>
    /// <param name="bytes">What the link brought; what was taken is cut off.</param>
    /// <param name="body">With <see cref="TakeStep.Keep"/>: a piece of a body.</param>
    /// <param name="stream">With <see cref="TakeStep.Keep"/>: its stream, which has begun to keep; <see cref="Kept"/> comes next.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ProtocolViolationException">The remote broke the rules; the session is to end.</exception>
    public TakeStep Take(ref ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> body, out SessionStream? stream, long now)
    {
        stream = null;
        while (true)
        {
            switch (_decoder.Next(ref bytes, out body))
            {
                case FrameStep.NeedMore:
                    return TakeStep.Done;
                case FrameStep.Header:
                    if (OnFrame(_decoder.Frame, now))
                    {
                        return TakeStep.Admit;
                    }

                    break;
                default:
                    if (_current is { WantsBody: true } keeper)
                    {
                        stream = keeper;
                        stream.BeginKeeping();
                        return TakeStep.Keep;
                    }

                    EndPiece(now);
                    break;
            }
        }
    }

    /// <summary>The driver has kept a piece of a body.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="bytes">How many bytes it had memory for.</param>
    /// <param name="isAll">Whether that was all of them; otherwise the stream is reset.</param>
    /// <param name="now">The time.</param>
    public void Kept(SessionStream stream, int bytes, bool isAll, long now)
    {
        stream.Kept(bytes, now);
        if (!isAll)
        {
            stream.EndForLimit("There is no memory for what the remote sends", now);
        }

        EndPiece(now);
    }

    /// <summary>The driver has asked memory for the stream that the last frame opens.</summary>
    /// <exception cref="ProtocolViolationException">There are too many that are refused.</exception>
    public void Admit(bool hasMemory, long now)
    {
        FrameHeader frame = _decoder.Frame;
        if (EndReason is not null)
        {
            return;
        }

        if (!hasMemory)
        {
            Refuse(frame.StreamId, now);
            return;
        }

        _current = _create(frame.StreamId, Direction.Inbound);
        _table.Add(_current);
        GiveToAcceptor(_current, now);
        OnStreamFrame(_current, frame, now);
    }

    // Whether the driver is asked for memory before the frame goes on.
    private bool OnFrame(in FrameHeader frame, long now)
    {
        _current = null;
        switch (frame.Type)
        {
            case FrameType.Ping:
                OnPing(frame, now);
                return false;
            case FrameType.GoAway:
                Count(ref _tinyFrames, "Goodbyes", Options.TinyFrames, now);
                OnGoAway(frame.Length, now);
                return false;
        }

        if (frame.StreamId == 0)
        {
            Violation.SessionStreamId(frame.Type);
        }

        if (frame.BodyLength > (uint)Options.MaxWindow)
        {
            Violation.FrameBeyondAnyWindow(frame.StreamId, frame.BodyLength, Options.MaxWindow);
        }

        if (frame.Has(FrameFlags.Syn))
        {
            return OnSyn(frame, now);
        }

        if (!_table.TryGet(frame.StreamId, out _current))
        {
            Count(ref _tinyFrames, "Frames for streams that are not open", Options.TinyFrames, now);
            return false;
        }

        OnStreamFrame(_current, frame, now);
        return false;
    }

    private void OnPing(in FrameHeader frame, long now)
    {
        if (frame.Has(FrameFlags.Syn))
        {
            Count(ref _pings, "Pings", Options.Pings, now);
            AddPong(frame.Length);
        }
        else if (!_heartbeat.OnPong(frame.Length, now))
        {
            Count(ref _tinyFrames, "Pongs that nobody asked for", Options.TinyFrames, now);
        }
    }

    private bool OnSyn(in FrameHeader frame, long now)
    {
        if (frame.Has(FrameFlags.Rst))
        {
            Count(ref _resets, "Streams opened to be reset", Options.Resets, now);
            return false;
        }

        bool fits = _table.AskToAdmit(frame.StreamId) && _accepting.Count < Options.AcceptQueue && !IsCongested;
        if (EndReason is not null)
        {
            return false; // the remote will hear that the session ends
        }

        if (!fits)
        {
            Refuse(frame.StreamId, now);
        }

        return fits;
    }

    private void Refuse(uint streamId, long now)
    {
        AddRefusal(streamId);
        Count(ref _resets, "Streams beyond the limit", Options.Resets, now);
    }

    private void OnStreamFrame(SessionStream stream, in FrameHeader frame, long now)
    {
        if (frame.Has(FrameFlags.Ack) && !stream.OnAck())
        {
            Count(ref _tinyFrames, "Repeated ACKs", Options.TinyFrames, now);
        }

        if (frame.Has(FrameFlags.Rst))
        {
            stream.OnReset(frame.Type == FrameType.WindowUpdate ? frame.Length : 0, now);
            if (stream.Direction == Direction.Inbound)
            {
                Count(ref _resets, "Streams opened to be reset", Options.Resets, now);
            }

            return;
        }

        if (frame.Length < TinyBody && frame.Flags == FrameFlags.None)
        {
            Count(ref _tinyFrames, "Tiny frames", Options.TinyFrames, now);
        }

        if (frame.Length > 0 && frame.Type == FrameType.Data)
        {
            stream.OnData(frame.Length, now);
            return; // its FIN comes behind its body
        }

        if (frame.Length > 0)
        {
            stream.OnCredit(frame.Length, now);
        }

        OnFin(stream, frame, now);
    }

    private void EndPiece(long now)
    {
        if (_decoder.BodyLeft == 0 && _current is { } stream)
        {
            OnFin(stream, _decoder.Frame, now);
        }
    }

    private void OnFin(SessionStream stream, in FrameHeader frame, long now)
    {
        if (frame.Has(FrameFlags.Fin) && !stream.OnFin(now))
        {
            Count(ref _tinyFrames, "Repeated FINs", Options.TinyFrames, now);
        }
    }

    private static void Count(ref TokenBucket bucket, string what, RateLimit limit, long now)
    {
        if (!bucket.TryTake(now))
        {
            Violation.TooMany(what, limit);
        }
    }
}

/// <summary>What a driver does with what the link brought.</summary>
internal enum TakeStep
{
    /// <summary>Nothing more: it is used up.</summary>
    Done,

    /// <summary>Keep a piece of a body, then <see cref="YamuxSession.Kept"/>.</summary>
    Keep,

    /// <summary>Ask memory for one more stream of the remote's, then <see cref="YamuxSession.Admit"/>.</summary>
    Admit,
}
