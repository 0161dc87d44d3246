namespace Libp2p.Simulation;

/// <summary>The named tasks that have not ended yet, in the order in which they began. Thread-safe.</summary>
internal sealed class WaitingTasks
{
    private readonly Lock _lock = new();
    private readonly List<(string Name, Task Task)> _tasks = [];
    private int _sweepAt = 64;

    public void Add(string name, Task task)
    {
        lock (_lock)
        {
            if (_tasks.Count == _sweepAt)
            {
                _tasks.RemoveAll(static entry => entry.Task.IsCompleted);
                _sweepAt = Math.Max(64, _tasks.Count * 2); // so a sweep costs each task a constant
            }

            _tasks.Add((name, task));
        }
    }

    public List<(string Name, Task Task)> Pending()
    {
        lock (_lock)
        {
            return [.. _tasks.Where(static entry => !entry.Task.IsCompleted)];
        }
    }
}
