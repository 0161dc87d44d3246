using Libp2p.Limits;

namespace Libp2p.Muxers.Yamux;

/// <summary>
/// The memory of one connection that its remote can make grow: the streams that it opened, what streams have received and not consumed,
/// what their windows promise beyond the initial size, and what they have to send and the remote does not take. Taken from the
/// connection's scope in blocks, so that the scope is asked rarely. Thread-safe; the scope is never asked under the lock.
/// </summary>
/// <param name="scope">Grants the memory.</param>
/// <param name="maxGrowth">Bytes by which all windows together may grow.</param>
/// <param name="maxQueued">Bytes that all streams together may have to send.</param>
internal sealed class MemoryAccount(IResourceScope scope, long maxGrowth, long maxQueued)
{
    /// <summary>
    /// What a stream of the remote's is charged before it is made: its objects and its places in tables, and the small segment that it
    /// may always send from.
    /// </summary>
    public const int StreamCost = 5 * 1024;

    private const long Block = 256 * 1024;

    private readonly Lock _gate = new();
    private long _taken;
    private long _reserved;
    private long _growth;
    private long _queued;
    private int _streams;
    private bool _keepsSpare = true;
    private bool _closed;

    /// <summary>Bytes in use, beside those of the streams themselves.</summary>
    public long Used => Volatile.Read(ref _taken) - ((long)StreamCost * Volatile.Read(ref _streams));

    /// <summary>Takes memory for bytes that have come; false when there is none.</summary>
    public bool TryTake(int bytes)
    {
        long missing;
        lock (_gate)
        {
            missing = _taken + bytes - _reserved;
            if (_closed)
            {
                return false;
            }

            if (missing <= 0)
            {
                _taken += bytes;
                return true;
            }
        }

        missing = (missing + Block - 1) / Block * Block;
        if (!scope.TryReserveMemory(missing))
        {
            return false;
        }

        lock (_gate)
        {
            if (!_closed)
            {
                _reserved += missing;
                _taken += bytes;
                return true;
            }
        }

        scope.ReleaseMemory(missing);
        return false;
    }

    /// <summary>Takes memory for a stream that the remote opens; false when there is none.</summary>
    public bool TryAdmit()
    {
        KeepSpare(true);
        if (!TryTake(StreamCost))
        {
            return false;
        }

        Interlocked.Increment(ref _streams);
        return true;
    }

    /// <summary>Takes memory for a window that is to grow; false when there is none, or the connection's windows are large enough.</summary>
    public bool TryGrow(int bytes)
    {
        if (Interlocked.Add(ref _growth, bytes) <= maxGrowth && TryTake(bytes))
        {
            return true;
        }

        Interlocked.Add(ref _growth, -bytes);
        return false;
    }

    /// <summary>Takes memory for bytes that are to be sent; false when there is none, or the connection's streams hold enough.</summary>
    public bool TryQueue(int bytes)
    {
        if (Interlocked.Add(ref _queued, bytes) <= maxQueued && TryTake(bytes))
        {
            return true;
        }

        Interlocked.Add(ref _queued, -bytes);
        return false;
    }

    /// <summary>
    /// While a stream is open one free block is kept, so that the scope is not asked for each message; otherwise none is, so that an
    /// idle connection holds nothing that another one could use.
    /// </summary>
    public void KeepSpare(bool keep) => Volatile.Write(ref _keepsSpare, keep);

    /// <summary>Gives memory back, and all but the spare block to the scope.</summary>
    public void Return(int bytes)
    {
        long surplus;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _taken -= bytes;
            surplus = (_reserved - _taken - (_keepsSpare ? Block : 0)) / Block * Block;
            if (surplus <= 0)
            {
                return;
            }

            _reserved -= surplus;
        }

        scope.ReleaseMemory(surplus);
    }

    /// <summary>Gives back what a stream of the remote's cost.</summary>
    public void ReturnStream()
    {
        Interlocked.Decrement(ref _streams);
        Return(StreamCost);
    }

    /// <summary>Gives back what windows had grown by.</summary>
    public void ReturnGrowth(int bytes)
    {
        Interlocked.Add(ref _growth, -bytes);
        Return(bytes);
    }

    /// <summary>Gives back what was taken for bytes that were sent, or dropped.</summary>
    public void ReturnQueued(int bytes)
    {
        Interlocked.Add(ref _queued, -bytes);
        Return(bytes);
    }

    /// <summary>Gives back what is not used: no stream is open.</summary>
    public void Trim()
    {
        KeepSpare(false);
        Return(0);
    }

    /// <summary>Gives everything back: the scope ends. What is returned later counts no more.</summary>
    public void Close()
    {
        long all;
        lock (_gate)
        {
            _closed = true;
            all = _reserved;
            _reserved = 0;
            _taken = (long)StreamCost * _streams;
        }

        if (all > 0)
        {
            scope.ReleaseMemory(all);
        }
    }
}
