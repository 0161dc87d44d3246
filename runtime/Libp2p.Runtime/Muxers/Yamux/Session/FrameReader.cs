using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// Takes what the link brings, frame by frame, and does what each asks for. Never waits: windows bound what is kept. For the
/// session's reader alone.
/// </summary>
internal sealed class FrameReader(YamuxConnection connection)
{
    /// <summary>A frame with less in it, and without flags, is tiny.</summary>
    private const int TinyBody = 16;

    private readonly YamuxOptions _options = connection.Options;
    private FrameDecoder _decoder;
    private TokenBucket _tinyFrames = new(connection.Options.TinyFrames, connection.Time);
    private TokenBucket _pings = new(connection.Options.Pings, connection.Time);
    private TokenBucket _resets = new(connection.Options.Resets, connection.Time);
    private YamuxStream? _current; // whose frame is being read
    private bool _isBodyWanted; // by the current stream
    private YamuxStream? _unshown; // got bytes that its application was not shown yet

    /// <summary>Whether the link stands between two frames.</summary>
    public bool IsBetweenFrames => _decoder.IsBetweenFrames;

    /// <summary>Takes bytes.</summary>
    /// <exception cref="ProtocolViolationException">The remote broke the rules; the session ends.</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            switch (_decoder.Next(ref bytes, out ReadOnlySpan<byte> body))
            {
                case FrameStep.NeedMore:
                    return;
                case FrameStep.Header:
                    OnFrame(_decoder.Frame);
                    break;
                default:
                    OnBody(body, isLast: _decoder.BodyLeft == 0);
                    break;
            }
        }
    }

    /// <summary>Shows applications what has come: at the end of a batch, before another stream's turn, and before an end.</summary>
    public void Show()
    {
        _unshown?.EndBody();
        _unshown = null;
    }

    private void OnFrame(in FrameHeader frame)
    {
        switch (frame.Type)
        {
            case FrameType.Ping:
                OnPing(frame);
                break;
            case FrameType.GoAway:
                Show(); // what came before may be read after
                Count(ref _tinyFrames, "Goodbyes", _options.TinyFrames);
                connection.OnGoAway(frame.Length);
                break;
            default:
                OnStreamFrame(frame);
                break;
        }
    }

    private void OnPing(in FrameHeader frame)
    {
        if (!frame.Has(FrameFlags.Syn))
        {
            if (!connection.OnPong(frame.Length))
            {
                Count(ref _tinyFrames, "Pongs that nobody asked for", _options.TinyFrames);
            }

            return;
        }

        Count(ref _pings, "Pings", _options.Pings);
        if (connection.Outbox.AddPong(frame.Length))
        {
            connection.Outbox.Wake();
        }
    }

    private void OnStreamFrame(in FrameHeader frame)
    {
        if (frame.StreamId == 0)
        {
            Violation.SessionStreamId(frame.Type);
        }

        if (frame.BodyLength > (uint)_options.MaxWindow)
        {
            Violation.FrameBeyondAnyWindow(frame.StreamId, frame.BodyLength, _options.MaxWindow);
        }

        _isBodyWanted = false;
        _current = frame.Has(FrameFlags.Syn) ? Admit(frame) : Find(frame);
        if (_current is not { } stream)
        {
            return; // the body is read and dropped
        }

        if (frame.Has(FrameFlags.Ack) && !stream.OnAck())
        {
            Count(ref _tinyFrames, "Repeated ACKs", _options.TinyFrames);
        }

        if (frame.Has(FrameFlags.Rst))
        {
            OnReset(stream, frame);
        }
        else if (frame.Type == FrameType.Data)
        {
            OnData(stream, frame);
        }
        else
        {
            OnWindowUpdate(stream, frame);
        }
    }

    private YamuxStream? Admit(in FrameHeader frame)
    {
        if (frame.Has(FrameFlags.Rst))
        {
            Count(ref _resets, "Streams opened to be reset", _options.Resets);
            return null;
        }

        YamuxStream? stream = connection.Admit(frame.StreamId, out bool isRefused);
        if (isRefused)
        {
            Count(ref _resets, "Streams beyond the limit", _options.Resets);
        }

        return stream;
    }

    private YamuxStream? Find(in FrameHeader frame)
    {
        if (_current?.StreamId == frame.StreamId && !_current.IsOut)
        {
            return _current;
        }

        YamuxStream? stream = connection.Find(frame.StreamId);
        if (stream is null)
        {
            Count(ref _tinyFrames, "Frames for streams that are not open", _options.TinyFrames);
        }

        return stream;
    }

    private void OnReset(YamuxStream stream, in FrameHeader frame)
    {
        Show(); // what came before may be read after
        stream.OnReset(frame.Type == FrameType.WindowUpdate ? frame.Length : 0);
        if (stream.Direction == Direction.Inbound)
        {
            Count(ref _resets, "Streams opened to be reset", _options.Resets);
        }
    }

    private void OnWindowUpdate(YamuxStream stream, in FrameHeader frame)
    {
        if (frame.Length < TinyBody && frame.Flags == FrameFlags.None)
        {
            Count(ref _tinyFrames, "Tiny frames", _options.TinyFrames);
        }

        if (frame.Length > 0)
        {
            stream.OnCredit(frame.Length);
        }

        OnFin(stream, frame);
    }

    private void OnData(YamuxStream stream, in FrameHeader frame)
    {
        if (frame.Length < TinyBody && frame.Flags == FrameFlags.None)
        {
            Count(ref _tinyFrames, "Tiny frames", _options.TinyFrames);
        }

        if (frame.Length == 0)
        {
            OnFin(stream, frame);
            return;
        }

        if (_unshown != stream)
        {
            Show();
        }

        _isBodyWanted = stream.BeginBody(frame.Length);
        if (_isBodyWanted)
        {
            _unshown = stream;
        }
    }

    private void OnBody(ReadOnlySpan<byte> body, bool isLast)
    {
        if (_isBodyWanted && _unshown is null) // the body goes on in another batch
        {
            _isBodyWanted = _current!.ResumeBody();
            _unshown = _isBodyWanted ? _current : null;
        }

        if (_isBodyWanted && !_current!.AppendBody(body))
        {
            _isBodyWanted = false;
            _unshown = null;
        }

        if (isLast && _current is { } stream)
        {
            OnFin(stream, _decoder.Frame);
        }
    }

    private void OnFin(YamuxStream stream, in FrameHeader frame)
    {
        if (frame.Has(FrameFlags.Fin))
        {
            if (_unshown == stream)
            {
                Show();
            }

            if (!stream.OnFin())
            {
                Count(ref _tinyFrames, "Repeated FINs", _options.TinyFrames);
            }
        }
    }

    private static void Count(ref TokenBucket bucket, string what, RateLimit limit)
    {
        if (!bucket.TryTake())
        {
            Violation.TooMany(what, limit);
        }
    }
}
