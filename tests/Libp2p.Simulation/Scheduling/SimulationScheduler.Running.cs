using System.Globalization;

namespace Libp2p.Simulation;

public sealed partial class SimulationScheduler
{
    private const ulong FnvOffset = 0xCBF29CE484222325;
    private const ulong FnvPrime = 0x100000001B3;

    // In real time: what an escaped continuation gets to come back and be named, before a run is called stalled.
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Runs until the work is done, on the calling thread, and throws what it throws. What is still ready or armed then stays for
    /// the next run.
    /// </summary>
    /// <param name="main">Begins on the scheduler.</param>
    /// <exception cref="SimulationStalledException">The work can never end, or not within the bound on steps.</exception>
    /// <exception cref="DeterminismException">Something escaped the scheduler.</exception>
    public void Run(Func<Task> main)
    {
        Task task = Start("main", main);
        Drive(() => task.IsCompleted, until: long.MaxValue, mustFinish: true);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Runs until the work is done, and returns its result.</summary>
    /// <inheritdoc cref="Run(Func{Task})"/>
    public T Run<T>(Func<Task<T>> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        T result = default!;
        Run(async () => { result = await main(); });
        return result;
    }

    /// <summary>Runs until nothing is ready. Time stands still.</summary>
    public void RunUntilIdle() => Drive(static () => false, Time.Clock.Now, mustFinish: false);

    /// <summary>Runs for a span of virtual time, at whose end the clock stands.</summary>
    public void RunFor(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        long end = Time.Clock.Now + duration.Ticks;
        Drive(static () => false, end, mustFinish: false);
        Time.Clock.AdvanceTo(end);
    }

    /// <summary>The loop: while not done, run what is ready; when nothing is, move time to the next timer.</summary>
    private void Drive(Func<bool> isDone, long until, bool mustFinish)
    {
        SynchronizationContext? outerContext = SynchronizationContext.Current;
        ExecutionContext? outerExecution = ExecutionContext.Capture();
        Claim();
        try
        {
            long lastStep = Steps + _options.MaxSteps;
            while (!isDone())
            {
                ThrowIfViolated();
                if (Steps == lastStep)
                {
                    throw Stalled(FormattableString.Invariant($"The run did not end within {_options.MaxSteps} steps"));
                }

                SynchronizationContext.SetSynchronizationContext(_context);
                if (!TryStep() && !TryMoveTime(until))
                {
                    if (!mustFinish)
                    {
                        return;
                    }

                    WaitForEscaped();
                    throw Stalled("The run stalled: nothing is ready and no timer is armed");
                }

                Restore(outerExecution); // an item's async locals are not the next one's
            }
        }
        finally
        {
            _isRunning = false;
            PoolWatch.Watched = null;
            SynchronizationContext.SetSynchronizationContext(outerContext);
            Restore(outerExecution);
        }

        ThrowIfViolated();
    }

    private static void Restore(ExecutionContext? execution)
    {
        if (execution is not null) // null: its flow is suppressed
        {
            ExecutionContext.Restore(execution);
        }
    }

    private void Claim()
    {
        if (PoolWatch.Watched is not null || _isRunning)
        {
            throw new InvalidOperationException("A simulation is running already, here or on another thread: await inside of it.");
        }

        PoolWatch.Start();
        PoolWatch.Watched = this;
        _isRunning = true;
    }

    private bool TryStep()
    {
        bool isTimerDue = Time.Clock.NextDue <= Time.Clock.Now;
        WorkItem item = default;
        bool isTimer;
        lock (_lock)
        {
            int choice = _ready.Choose(isTimerDue);
            if (choice < 0)
            {
                return false;
            }

            ScheduleHash = ((ScheduleHash ^ (uint)_ready.Count) * FnvPrime ^ (uint)choice) * FnvPrime;
            isTimer = choice == _ready.Count;
            if (!isTimer)
            {
                item = _ready.Take(choice);
            }
        }

        Steps++;
        if (isTimer)
        {
            Time.Clock.TakeDue()?.Fire();
        }
        else
        {
            item.Run();
        }

        return true;
    }

    private bool TryMoveTime(long until)
    {
        if (Time.Clock.NextDue is not { } due || due > until)
        {
            return false;
        }

        Time.Clock.AdvanceTo(due);
        return true;
    }

    private void WaitForEscaped()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        Thread.Sleep(s_grace);
        ThrowIfViolated();
    }

    private void ThrowIfViolated()
    {
        if (!_isViolated)
        {
            return;
        }

        lock (_lock)
        {
            throw new DeterminismException(
                FormattableString.Invariant($"The simulation with seed {Seed} left its scheduler after {Steps} steps, at {Time.Elapsed}."),
                [.. _violations]);
        }
    }

    private SimulationStalledException Stalled(string what)
    {
        string message = string.Create(CultureInfo.InvariantCulture, $"{what} (seed {Seed}, {Steps} steps, at {Time.Elapsed}).");
        lock (_lock)
        {
            return new SimulationStalledException(message, StallReport.Compose(_started.Pending(), _ready.Items, Time.Clock));
        }
    }
}
