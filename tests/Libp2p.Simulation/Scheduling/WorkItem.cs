namespace Libp2p.Simulation;

/// <summary>One step: what was posted to the context, scheduled by a pipe, or a timer that fired.</summary>
/// <param name="Callback">A <see cref="SendOrPostCallback"/>, an <see cref="Action{T}"/> of object, or a timer's callback.</param>
/// <param name="State">Its argument.</param>
/// <param name="RunsWithoutContext">Whether the scheduler's context is not current while it runs.</param>
internal readonly record struct WorkItem(Delegate Callback, object? State, bool RunsWithoutContext = false)
{
    public void Run()
    {
        if (RunsWithoutContext)
        {
            SynchronizationContext.SetSynchronizationContext(null); // the scheduler sets it again before the next step
        }

        if (Callback is SendOrPostCallback posted)
        {
            posted(State);
        }
        else
        {
            ((Action<object?>)Callback)(State);
        }
    }
}
