using System.Diagnostics.CodeAnalysis;
using System.Threading.Tasks.Sources;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// What waits to be written: streams with something to say, in two rounds (control, data), and the session's own frames. Bounded by
/// construction: each stream stands in each round once at most, pongs and refusals are capped, one ping is out at a time.
/// Thread-safe; the lock is a leaf, so a stream may call in under its own.
/// </summary>
/// <remarks>
/// The adding methods return whether the writer was asleep; whoever gets true calls <see cref="Wake"/>, after leaving its lock.
/// </remarks>
internal sealed class Outbox : IValueTaskSource
{
    /// <summary>Pongs that may wait; later pings go unanswered.</summary>
    public const int MaxPongs = 32;

    /// <summary>Refusals that may wait.</summary>
    public const int MaxRefusals = 256;

    private readonly Lock _gate = new();
    private readonly Queue<YamuxStream> _control = new();
    private readonly Queue<YamuxStream> _data = new();
    private readonly Queue<FrameHeader> _session = new(); // pongs, pings, refusals
    private ManualResetValueTaskSourceCore<bool> _awake = new() { RunContinuationsAsynchronously = true };
    private bool _isAsleep;
    private int _pongs;
    private int _refusals;
    private Farewell? _farewell;

    /// <summary>How the writer is to end; null while it is not.</summary>
    public Farewell? Ending
    {
        get
        {
            lock (_gate)
            {
                return _farewell;
            }
        }
    }

    /// <summary>
    /// Streams that wait, in both rounds. One that is over waits on until the writer meets it, so a remote that does not read could
    /// make this grow; who opens streams asks first.
    /// </summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _control.Count + _data.Count;
            }
        }
    }

    /// <summary>Adds a stream that has control frames to send.</summary>
    public bool AddControl(YamuxStream stream)
    {
        lock (_gate)
        {
            _control.Enqueue(stream);
            return TakeSleep();
        }
    }

    /// <summary>Adds a stream that has data to send.</summary>
    public bool AddData(YamuxStream stream)
    {
        lock (_gate)
        {
            _data.Enqueue(stream);
            return TakeSleep();
        }
    }

    /// <summary>Adds our ping.</summary>
    public bool AddPing(uint value)
    {
        lock (_gate)
        {
            _session.Enqueue(new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, value));
            return TakeSleep();
        }
    }

    /// <summary>Adds the answer to a ping, unless too many wait: then the remote does not read, and will not miss it.</summary>
    public bool AddPong(uint value)
    {
        lock (_gate)
        {
            if (_pongs == MaxPongs)
            {
                return false;
            }

            _pongs++;
            _session.Enqueue(new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, value));
            return TakeSleep();
        }
    }

    /// <summary>Adds the RST of a stream that was not taken up; false when too many wait.</summary>
    public bool TryAddRefusal(uint streamId, ErrorCode code, out bool wake)
    {
        lock (_gate)
        {
            wake = false;
            if (_refusals == MaxRefusals)
            {
                return false;
            }

            _refusals++;
            _session.Enqueue(new FrameHeader(FrameType.WindowUpdate, FrameFlags.Rst, streamId, code.Value));
            wake = TakeSleep();
            return true;
        }
    }

    /// <summary>Asks the writer to end in the given way. The first way stays; only <see cref="Farewell.None"/> overrides it.</summary>
    public bool Finish(Farewell farewell)
    {
        lock (_gate)
        {
            _farewell = _farewell is null || farewell == Farewell.None ? farewell : _farewell;
            return TakeSleep();
        }
    }

    /// <summary>Wakes the writer.</summary>
    public void Wake() => _awake.SetResult(true);

    /// <summary>Waits until there is something to write, or the writer is to end. For the writer alone.</summary>
    public ValueTask WaitAsync()
    {
        lock (_gate)
        {
            if (_control.Count > 0 || _data.Count > 0 || _session.Count > 0 || _farewell is not null)
            {
                return ValueTask.CompletedTask;
            }

            _awake.Reset();
            _isAsleep = true;
            return new ValueTask(this, _awake.Version);
        }
    }

    /// <summary>The next of the session's own frames.</summary>
    public bool TryTakeSession(out FrameHeader frame)
    {
        lock (_gate)
        {
            if (!_session.TryDequeue(out frame))
            {
                return false;
            }

            _pongs -= frame.Type == FrameType.Ping && frame.Has(FrameFlags.Ack) ? 1 : 0;
            _refusals -= frame.Type == FrameType.WindowUpdate ? 1 : 0;
            return true;
        }
    }

    /// <summary>The next stream with control frames.</summary>
    public bool TryTakeControl([NotNullWhen(true)] out YamuxStream? stream)
    {
        lock (_gate)
        {
            return _control.TryDequeue(out stream);
        }
    }

    /// <summary>The next stream with data, and whether it is the only one.</summary>
    public bool TryTakeData([NotNullWhen(true)] out YamuxStream? stream, out bool isAlone)
    {
        lock (_gate)
        {
            bool taken = _data.TryDequeue(out stream);
            isAlone = _data.Count == 0;
            return taken;
        }
    }

    /// <summary>Gives up the room that a burst took: no stream is open.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            _control.TrimExcess();
            _data.TrimExcess();
            _session.TrimExcess();
        }
    }

    void IValueTaskSource.GetResult(short token) => _awake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _awake.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _awake.OnCompleted(continuation, state, token, flags);

    private bool TakeSleep()
    {
        bool wasAsleep = _isAsleep;
        _isAsleep = false;
        return wasAsleep;
    }
}
