using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>
/// The beginnings of streams that arrived together. Whoever begins one has asked for another thread before, while more wait: a handler
/// that blocks holds up no other stream, and handlers that do not block share the few threads that came (docs/performance.md, "Accepting
/// streams"). Thread-safe; first come, first begun.
/// </summary>
/// <param name="scheduler">The node's.</param>
internal sealed class ServingTurns(NodeScheduler scheduler)
{
    private readonly Lock _lock = new();
    private Queue<Action>? _waiting; // null until streams came together: most connections need none
    private bool _isAsked; // a thread was asked for and has not come

    /// <summary>Awaits the caller's turn.</summary>
    public Turn NextAsync() => new(this);

    private void Add(Action beginning)
    {
        bool asks;
        lock (_lock)
        {
            _waiting ??= new Queue<Action>();
            _waiting.Enqueue(beginning);
            asks = TryAsk();
        }

        if (asks)
        {
            Schedule();
        }
    }

    private void Run()
    {
        lock (_lock)
        {
            _isAsked = false;
        }

        while (TryTake(out Action? beginning, out bool asks))
        {
            if (asks)
            {
                Schedule();
            }

            beginning();
        }
    }

    private bool TryTake([NotNullWhen(true)] out Action? beginning, out bool asks)
    {
        lock (_lock)
        {
            bool isThere = _waiting!.TryDequeue(out beginning);
            asks = _waiting.Count > 0 && TryAsk();
            return isThere;
        }
    }

    // Under the lock: whether the caller is to schedule a thread.
    private bool TryAsk()
    {
        bool wasAsked = _isAsked;
        _isAsked = true;
        return !wasAsked;
    }

    private void Schedule() => scheduler.Schedule(static turns => ((ServingTurns)turns!).Run(), this);

    /// <summary>The awaitable of <see cref="NextAsync"/>.</summary>
    internal readonly struct Turn(ServingTurns turns) : ICriticalNotifyCompletion
    {
        public bool IsCompleted => false;

        public Turn GetAwaiter() => this;

        public void GetResult()
        {
        }

        public void OnCompleted(Action continuation) => turns.Add(continuation);

        public void UnsafeOnCompleted(Action continuation) => turns.Add(continuation);
    }
}
