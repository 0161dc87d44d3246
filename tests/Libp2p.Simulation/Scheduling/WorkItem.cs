namespace Libp2p.Simulation;

/// <summary>One step: what was posted to the context, scheduled by a pipe, or a timer that fired.</summary>
/// <param name="Callback">A <see cref="SendOrPostCallback"/>, an <see cref="Action{T}"/> of object, or a timer's callback.</param>
/// <param name="State">Its argument.</param>
internal readonly record struct WorkItem(Delegate Callback, object? State)
{
    public void Run()
    {
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
