using System.Diagnostics.CodeAnalysis;

namespace Libp2p.Scheduling;

/// <summary>
/// A bounded queue between tasks of one node. Unlike the platform's channels it stays on the node's scheduler when a wait is
/// cancelled (docs/simulation.md). Thread-safe; one reader at a time, any number of writers.
/// </summary>
/// <param name="capacity">Items that wait for the reader.</param>
internal sealed class BoundedQueue<T>(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<T> _items = new();
    private readonly LinkedList<TaskCompletionSource> _writers = new(); // one wakes for each place that becomes free
    private TaskCompletionSource? _reader;
    private bool _completed;

    /// <summary>Items that wait for the reader.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Writers that wait for a place.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _writers.Count;
            }
        }
    }

    /// <summary>Adds an item; false when the queue is full or completed.</summary>
    public bool TryEnqueue(T item)
    {
        lock (_lock)
        {
            return TryEnqueueLocked(item);
        }
    }

    /// <summary>Adds an item, in place of the oldest if the queue is full; whether one was dropped.</summary>
    public bool EnqueueDroppingOldest(T item)
    {
        lock (_lock)
        {
            bool full = !_completed && _items.Count == capacity;
            if (full)
            {
                _items.Dequeue();
            }

            TryEnqueueLocked(item);
            return full;
        }
    }

    /// <summary>Adds an item, and waits for a place; false when the queue is completed.</summary>
    public async ValueTask<bool> EnqueueAsync(T item, CancellationToken cancellationToken)
    {
        while (!TryEnqueue(item, out LinkedListNode<TaskCompletionSource>? waiting))
        {
            if (waiting is null)
            {
                return false;
            }

            try
            {
                await Waits.OwnAsync(waiting.Value, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                lock (_lock)
                {
                    if (waiting.List is not null)
                    {
                        _writers.Remove(waiting);
                    }
                }

                throw;
            }
        }

        return true;
    }

    /// <summary>The next item; false when the queue is completed and empty.</summary>
    public async ValueTask<(bool HasItem, T? Item)> DequeueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource waiting;
            lock (_lock)
            {
                if (TryDequeueLocked(out T? item))
                {
                    return (true, item);
                }

                if (_completed)
                {
                    return (false, default);
                }

                waiting = _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            await Waits.OwnAsync(waiting, cancellationToken);
        }
    }

    /// <summary>Takes an item that is there.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        lock (_lock)
        {
            return TryDequeueLocked(out item);
        }
    }

    /// <summary>Takes no more items; those that wait may still be read. Idempotent.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _completed = true;
            _reader?.TrySetResult();
            foreach (TaskCompletionSource writer in _writers)
            {
                writer.TrySetResult();
            }

            _writers.Clear();
        }
    }

    private bool TryEnqueue(T item, out LinkedListNode<TaskCompletionSource>? waiting)
    {
        lock (_lock)
        {
            waiting = null;
            if (TryEnqueueLocked(item))
            {
                return true;
            }

            if (!_completed)
            {
                waiting = _writers.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            return false;
        }
    }

    private bool TryEnqueueLocked(T item)
    {
        if (_completed || _items.Count == capacity)
        {
            return false;
        }

        _items.Enqueue(item);
        _reader?.TrySetResult();
        return true;
    }

    private bool TryDequeueLocked([MaybeNullWhen(false)] out T item)
    {
        if (!_items.TryDequeue(out item))
        {
            return false;
        }

        while (_writers.First is { } next)
        {
            _writers.RemoveFirst();
            if (next.Value.TrySetResult())
            {
                break;
            }

            // It gave up waiting: the place is the next one's.
        }

        return true;
    }
}
