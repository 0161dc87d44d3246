using Libp2p.TestKit;

namespace Libp2p.Simulation;

/// <summary>
/// What is ready to run, and the choice of the next: by a seeded generator, or first in, first out. Not thread-safe.
/// </summary>
/// <param name="random">Chooses; null: first in, first out.</param>
internal sealed class ReadyQueue(SeededRandomSource? random)
{
    private readonly Queue<WorkItem> _inOrder = new();
    private readonly List<WorkItem> _items = [];

    public int Count => _inOrder.Count + _items.Count;

    public IEnumerable<WorkItem> Items => _inOrder.Concat(_items);

    public void Add(WorkItem item)
    {
        if (random is null)
        {
            _inOrder.Enqueue(item);
        }
        else
        {
            _items.Add(item);
        }
    }

    /// <summary>
    /// Chooses among the ready items and, as one more candidate, the timer that is due. In order, timers come when nothing else is
    /// ready.
    /// </summary>
    /// <param name="isTimerDue">Whether there is such a timer.</param>
    /// <returns>An index for <see cref="Take"/>; <see cref="Count"/> stands for the timer, −1 for nothing.</returns>
    public int Choose(bool isTimerDue)
    {
        int candidates = Count + (isTimerDue ? 1 : 0);
        return candidates == 0 ? -1 : random is null ? 0 : random.Next(candidates);
    }

    public WorkItem Take(int index)
    {
        if (random is null)
        {
            return _inOrder.Dequeue();
        }

        WorkItem taken = _items[index];
        _items[index] = _items[^1]; // the order among the rest means nothing: the next choice is random as well
        _items.RemoveAt(_items.Count - 1);
        return taken;
    }
}
