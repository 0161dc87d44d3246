using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>
/// The places of the node's dial attempts: an attempt waits for one in the order of asking. A dial on behalf of an attempt may also use the
/// place that the attempt holds, so that a circuit's dial of its relay never waits for the circuit. Thread-safe.
/// </summary>
/// <param name="limit">Attempts that run at the same time, those aside that use the place of another.</param>
internal sealed class DialPlaces(int limit)
{
    private const int MaxDepth = 4; // dials on behalf of dials on behalf of …

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private int _taken;
    private int _lent;

    /// <summary>Attempts that run, and attempts that wait.</summary>
    public (int Running, int Waiting) Count
    {
        get
        {
            lock (_lock)
            {
                return (_taken + _lent, _waiting.Count);
            }
        }
    }

    /// <summary>Takes a place, or waits for one.</summary>
    /// <param name="lenders">Attempts on whose behalf the dial is made; the list may grow while it is waited.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<Place> EnterAsync(LenderList lenders, CancellationToken cancellationToken)
    {
        LinkedListNode<Waiter> waiting;
        lock (_lock)
        {
            if (TryTake(lenders) is { } place)
            {
                return place;
            }

            waiting = _waiting.AddLast(new Waiter(lenders));
        }

        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((Waiter)state!).Entered.TrySetCanceled(token), waiting.Value);
        try
        {
            return await waiting.Value.Entered.Task;
        }
        catch (OperationCanceledException)
        {
            Remove(waiting);
            throw;
        }
    }

    /// <summary>Another attempt lends its place to a dial: an attempt of the dial that waits may have it.</summary>
    /// <exception cref="ArgumentException">Dials are nested too deeply: a transport dials on behalf of itself.</exception>
    public void Lend(LenderList lenders, DialPlace place)
    {
        if (place is not Place { Depth: < MaxDepth } lender)
        {
            throw new ArgumentException($"The place is not one of this node, or dials on behalf of others are nested more than {MaxDepth} deep.", nameof(place));
        }

        lock (_lock)
        {
            lenders.Add(lender);
            Serve();
        }
    }

    private void Remove(LinkedListNode<Waiter> waiting)
    {
        lock (_lock)
        {
            if (waiting.List is not null)
            {
                _waiting.Remove(waiting);
            }
        }
    }

    private void Return(Place place)
    {
        lock (_lock)
        {
            if (place.Lender is { } lender)
            {
                lender.IsLent = false;
                _lent--;
            }
            else
            {
                _taken--;
            }

            Serve();
        }
    }

    /// <summary>Under the lock: gives places to those who wait, in order; one without a lender does not hold up one with.</summary>
    private void Serve()
    {
        for (LinkedListNode<Waiter>? waiting = _waiting.First; waiting is not null;)
        {
            LinkedListNode<Waiter>? next = waiting.Next;
            if (waiting.Value.Entered.Task.IsCompleted)
            {
                _waiting.Remove(waiting); // it was cancelled
            }
            else if (TryTake(waiting.Value.Lenders) is { } place)
            {
                _waiting.Remove(waiting);
                if (!waiting.Value.Entered.TrySetResult(place))
                {
                    Undo(place);
                }
            }

            waiting = next;
        }
    }

    /// <summary>Under the lock.</summary>
    private Place? TryTake(LenderList lenders)
    {
        if (lenders.Free is { } lender)
        {
            lender.IsLent = true;
            _lent++;
            return new Place(this, lender);
        }

        if (_taken == limit)
        {
            return null;
        }

        _taken++;
        return new Place(this, lender: null);
    }

    private void Undo(Place place)
    {
        if (place.Lender is { } lender)
        {
            lender.IsLent = false;
            _lent--;
        }
        else
        {
            _taken--;
        }
    }

    /// <summary>The attempts that lend their places to one dial. Under the lock of the places.</summary>
    internal sealed class LenderList
    {
        private readonly List<Place> _lenders = [];

        /// <summary>A lender whose place is not lent.</summary>
        public Place? Free => _lenders.Find(lender => !lender.IsLent && !lender.IsReturned);

        public void Add(Place lender) => _lenders.Add(lender);
    }

    /// <summary>A place of an attempt, or the use of another's; disposing of it gives it back.</summary>
    internal sealed class Place(DialPlaces places, Place? lender) : DialPlace, IDisposable
    {
        public Place? Lender => lender;

        public int Depth { get; } = lender is null ? 1 : lender.Depth + 1;

        /// <summary>Under the lock: whether an attempt on behalf of this one uses it.</summary>
        public bool IsLent { get; set; }

        /// <summary>Under the lock.</summary>
        public bool IsReturned { get; private set; }

        public void Dispose()
        {
            lock (places._lock)
            {
                if (IsReturned)
                {
                    return;
                }

                IsReturned = true;
            }

            places.Return(this);
        }
    }

    private sealed record Waiter(LenderList Lenders)
    {
        public TaskCompletionSource<Place> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
