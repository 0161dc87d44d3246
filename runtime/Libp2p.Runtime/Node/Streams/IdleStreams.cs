using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>Streams of operations with reuse, between two exchanges. Each is ended when it was idle for too long.</summary>
internal sealed class IdleStreams(TimeProvider time, TaskSet tasks)
{
    private const int MaxPerProtocol = 4;

    private readonly Lock _lock = new();
    private readonly Dictionary<ProtocolId, List<Entry>> _idle = []; // by the newest id; given back last, the last
    private bool _closed;
    private bool _isUnused = true;

    /// <summary>Whether no stream was ever given back: nothing has to be looked for.</summary>
    public bool IsEmpty => Volatile.Read(ref _isUnused);

    /// <summary>The muxer's numbers of them.</summary>
    public IReadOnlySet<long> Ids
    {
        get
        {
            lock (_lock)
            {
                return _idle.Values.SelectMany(entries => entries).Select(entry => entry.Stream.Id).ToHashSet();
            }
        }
    }

    /// <summary>The stream that was given back last, still lives, and runs one of the request's ids: an older one may not know the operation.</summary>
    public P2PStream? TryTake(StreamRequest request)
    {
        lock (_lock)
        {
            while (_idle.TryGetValue(request.Protocols[0], out List<Entry>? entries)
                && entries.FindLast(entry => request.Protocols.Contains(entry.Stream.Protocol)) is { } entry)
            {
                entries.Remove(entry);
                entry.Expiry.Dispose();
                if (!entry.Stream.Aborted.IsCancellationRequested)
                {
                    return entry.Stream;
                }

                End(entry.Stream);
            }
        }

        return null;
    }

    public void Give(P2PStream stream, StreamRequest request)
    {
        lock (_lock)
        {
            _isUnused = false;
            if (!_idle.TryGetValue(request.Protocols[0], out List<Entry>? entries))
            {
                _idle[request.Protocols[0]] = entries = [];
            }

            if (_closed || request.ReuseIdle is not { Ticks: > 0 } idle || stream.Aborted.IsCancellationRequested || entries.Count == MaxPerProtocol)
            {
                End(stream);
                return;
            }

            Entry entry = new(stream);
            entry.Expiry = new Alarm(time, idle, _ => Expire(request.Protocols[0], entry), null);
            entries.Add(entry);
        }
    }

    /// <summary>Ends all of them and takes no more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (Entry entry in _idle.Values.SelectMany(entries => entries))
            {
                entry.Expiry.Dispose();
                End(entry.Stream);
            }

            _idle.Clear();
        }
    }

    private void Expire(ProtocolId protocol, Entry entry)
    {
        lock (_lock)
        {
            if (_idle.TryGetValue(protocol, out List<Entry>? entries) && entries.Remove(entry))
            {
                entry.Expiry.Dispose();
                End(entry.Stream);
            }
        }
    }

    private void End(P2PStream stream)
    {
        if (!tasks.TryRun(async () => await stream.DisposeAsync()))
        {
            stream.Reset(ErrorCode.Shutdown); // the connection is ending, and its muxer disposes of what is left
        }
    }

    private sealed class Entry(P2PStream stream)
    {
        public P2PStream Stream { get; } = stream;

        /// <summary>Set before the lock is left under which the entry is added.</summary>
        public Alarm Expiry { get; set; } = null!;
    }
}
