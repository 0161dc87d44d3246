using System.Collections.Concurrent;
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
    private readonly ConcurrentQueue<Action> _waiting = new();
    private int _isAsked; // a thread was asked for and has not come

    /// <summary>Awaits the caller's turn.</summary>
    public Turn NextAsync() => new(this);

    private void Add(Action beginning)
    {
        _waiting.Enqueue(beginning);
        Ask();
    }

    private void Ask()
    {
        if (Interlocked.Exchange(ref _isAsked, 1) == 0)
        {
            scheduler.Schedule(static turns => ((ServingTurns)turns!).Run(), this);
        }
    }

    private void Run()
    {
        Interlocked.Exchange(ref _isAsked, 0);
        while (_waiting.TryDequeue(out Action? beginning))
        {
            if (!_waiting.IsEmpty)
            {
                Ask();
            }

            beginning();
        }
    }

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
