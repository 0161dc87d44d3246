using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <content>What the session's reader does with a stream: each frame that comes for it.</content>
internal sealed partial class YamuxStream
{
    private bool _isAcknowledged;

    /// <summary>A Data frame with a body begins; whether the body is wanted, between here and <see cref="EndBody"/>.</summary>
    /// <exception cref="ProtocolViolationException">It overruns the window.</exception>
    public bool BeginBody(uint length)
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (_state.IsOver)
            {
                return false;
            }

            if (!_receive.TryReceive(length))
            {
                Violation.WindowOverrun(StreamId, length, (uint)_receive.Window.Left);
            }

            if (_state.FinReceived)
            {
                effects = EndNow(
                    new EndReason(EndedBy.Violation, ErrorCode.ProtocolViolation, $"{length} bytes after the remote's FIN"),
                    Failure.Reset,
                    tellRemote: true);
            }
            else if (_state.ReadClosed)
            {
                effects = _receive.Skip(length);
            }
            else
            {
                _receive.BeginAppend();
                return true;
            }
        }

        Run(effects);
        return false;
    }

    /// <summary>A wanted body goes on after <see cref="EndBody"/>; whether it still is wanted.</summary>
    public bool ResumeBody()
    {
        lock (Gate)
        {
            if (_state.IsOver || _state.ReadClosed)
            {
                return false;
            }

            _receive.BeginAppend();
            return true;
        }
    }

    /// <summary>A piece of a wanted body; whether the rest is wanted.</summary>
    public bool AppendBody(ReadOnlySpan<byte> bytes)
    {
        if (_receive.TryAppend(bytes))
        {
            return true;
        }

        EndBody();
        StreamEffects effects;
        lock (Gate)
        {
            effects = EndForLimit("There is no memory for what the remote sends");
        }

        Run(effects);
        return false;
    }

    /// <summary>What came of a wanted body is shown to the application.</summary>
    public void EndBody()
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = _receive.EndAppend();
        }

        Run(effects);
    }

    /// <summary>The remote acknowledged the stream; false when that was known, or not asked for.</summary>
    public bool OnAck()
    {
        StreamEffects effects;
        lock (Gate)
        {
            effects = Acknowledge();
        }

        Run(effects);
        return effects != StreamEffects.None;
    }

    /// <summary>The remote gave credit.</summary>
    /// <exception cref="ProtocolViolationException">It overflows.</exception>
    public void OnCredit(uint credit)
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (!_send.TryGrant(credit))
            {
                Violation.WindowOverflow(StreamId, _send.Window, credit);
            }

            effects = QueueData() | _send.FreedIfTaken();
        }

        Run(effects);
    }

    /// <summary>The remote ended its direction; false when that was known.</summary>
    public bool OnFin()
    {
        StreamEffects effects;
        lock (Gate)
        {
            if (!_state.TryReceiveFin())
            {
                return false;
            }

            effects = _receive.Arrived();
            if (_state.IsOver)
            {
                _end = s_closedByRemote;
                effects |= StreamEffects.Leave | Acknowledge();
            }
        }

        Run(effects);
        return true;
    }

    /// <summary>The remote reset the stream.</summary>
    public void OnReset(uint code)
    {
        StreamEffects effects;
        lock (Gate)
        {
            // Who has the stream reads what came before; nobody will ever have one that was not accepted.
            effects = EndNow(
                new EndReason(EndedBy.Remote, new ErrorCode(code), "The remote reset the stream"),
                Failure.Reset,
                tellRemote: false,
                keepsReceived: _isTaken);
        }

        Run(effects);
    }

    private StreamEffects Acknowledge()
    {
        bool first = Direction == Direction.Outbound && !_isAcknowledged;
        _isAcknowledged = true;
        return first ? StreamEffects.Acknowledged : StreamEffects.None;
    }
}
