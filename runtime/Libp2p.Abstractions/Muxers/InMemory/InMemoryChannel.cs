using System.IO.Pipelines;
using Libp2p.Scheduling;

namespace Libp2p.Muxers;

/// <summary>One direction of a stream in memory: a pipe, a window, and who has left it. Thread-safe, but for one reader and one writer.</summary>
internal sealed class InMemoryChannel(int window)
{
    private readonly Lock _gate = new();
    private long _outstanding; // flushed and not yet consumed
    private TaskCompletionSource? _waiting;
    private bool _isFlushCanceled;

    /// <summary>Bounded by the window below, not by the pipe, which would count what was examined as read.</summary>
    public Pipe Pipe { get; } = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: true));

    /// <summary>The reader takes no more: what arrives is dropped.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Either end reset the stream.</summary>
    public bool IsReset { get; private set; }

    /// <summary>Whether the reader may still have what was flushed: the writer reset the stream, and had ended the direction or not.</summary>
    public (bool IsResetByWriter, bool WasEnded) Rest { get; private set; }

    /// <summary>The writer has ended the direction.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Whether nobody will ever read what is written.</summary>
    public bool IsDead => IsRefused || IsReset;

    public void Refuse()
    {
        IsRefused = true;
        Wake();
    }

    /// <summary>Flushed bytes that were not consumed.</summary>
    public long Outstanding
    {
        get
        {
            lock (_gate)
            {
                return _outstanding;
            }
        }
    }

    /// <summary>The stream was reset, by the end that writes to this direction or by the other.</summary>
    public void Reset(bool byWriter)
    {
        Rest = (byWriter, IsEnded);
        IsReset = true;
    }

    /// <summary>The reader is done with some bytes.</summary>
    public void Consumed(long bytes)
    {
        lock (_gate)
        {
            _outstanding -= bytes;
        }

        if (bytes > 0)
        {
            Wake(readers: false);
        }
    }

    /// <summary>Makes a pending flush return.</summary>
    public void CancelFlush()
    {
        lock (_gate)
        {
            _isFlushCanceled = true;
        }

        Wake(readers: false);
    }

    /// <summary>Adds flushed bytes, and waits until they fit into the window or nobody wants them.</summary>
    public ValueTask<WindowWait> AddAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _outstanding += bytes;
        }

        return TryFinish(out WindowWait outcome, out _) ? new ValueTask<WindowWait>(outcome) : WaitAsync(cancellationToken);
    }

    private async ValueTask<WindowWait> WaitAsync(CancellationToken cancellationToken)
    {
        WindowWait outcome;
        while (!TryFinish(out outcome, out TaskCompletionSource? waiting))
        {
            await Waits.ForAsync(waiting!, cancellationToken);
        }

        return outcome;
    }

    private bool TryFinish(out WindowWait outcome, out TaskCompletionSource? waiting)
    {
        lock (_gate)
        {
            outcome = _isFlushCanceled ? WindowWait.Canceled : _outstanding <= window ? WindowWait.Fits : WindowWait.Unwanted;
            _isFlushCanceled = false;
            bool isDone = outcome != WindowWait.Unwanted || IsDead;
            waiting = isDone ? null : _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return isDone;
        }
    }

    /// <summary>Lets whoever waits look again.</summary>
    public void Wake(bool readers = true)
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            (waiting, _waiting) = (_waiting, null);
        }

        waiting?.TrySetResult();
        if (readers)
        {
            Pipe.Reader.CancelPendingRead();
        }
    }
}

/// <summary>How a wait for room in the window ended.</summary>
internal enum WindowWait
{
    /// <summary>The bytes fit.</summary>
    Fits,

    /// <summary>They do not, and nobody wants them.</summary>
    Unwanted,

    /// <summary>With <see cref="InMemoryChannel.CancelFlush"/>.</summary>
    Canceled,
}
