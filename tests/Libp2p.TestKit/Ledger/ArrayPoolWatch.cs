using System.Buffers;
using System.Diagnostics.Tracing;

namespace Libp2p.TestKit.Accounts;

/// <summary>
/// What is out of the process's shared pool of byte arrays since the watch began, as the pool itself reports it. Pipes, sockets,
/// Noise and Yamux all rent there. A test class that watches all threads runs alone.
/// </summary>
public sealed class ArrayPoolWatch : EventListener
{
    private const string PoolSource = "System.Buffers.ArrayPoolEventSource";
    private const int BufferRented = 1;
    private const int BufferReturned = 3;

    // The base class reports event sources before a constructor of ours runs, so these are made where they are declared.
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (int Size, string? Where)> _out = [];
    private readonly int _pool = ArrayPool<byte>.Shared.GetHashCode();
    private int _thread;
    private bool _traces;

    /// <summary>Watches from now on.</summary>
    /// <param name="thisThread">Counts only what the calling thread rents; a simulation does all on one.</param>
    /// <param name="traces">Notes who rented each array: slow, for finding what <see cref="Left"/> has shown.</param>
    public static ArrayPoolWatch Start(bool thisThread = false, bool traces = false) =>
        new() { _thread = thisThread ? Environment.CurrentManagedThreadId : 0, _traces = traces };

    /// <summary>Arrays that are out.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _out.Count;
            }
        }
    }

    /// <summary>Each array that is out: its size, and who rented it if that was noted.</summary>
    public IReadOnlyList<string> Left
    {
        get
        {
            lock (_gate)
            {
                return [.. _out.Values.OrderBy(array => array.Size).Select(array => $"{array.Size} bytes{array.Where}")];
            }
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == PoolSource)
        {
            EnableEvents(eventSource, EventLevel.Verbose);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId is not (BufferRented or BufferReturned) || eventData.Payload is not [int id, int size, int pool, ..] || pool != _pool)
        {
            return;
        }

        lock (_gate)
        {
            if (eventData.EventId == BufferReturned)
            {
                _out.Remove(id);
            }
            else if (_thread == 0 || _thread == Environment.CurrentManagedThreadId)
            {
                _out[id] = (size, _traces ? $" rented at{Environment.NewLine}{Environment.StackTrace}" : null);
            }
        }
    }
}
