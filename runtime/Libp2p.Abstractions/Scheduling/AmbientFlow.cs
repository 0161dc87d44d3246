namespace Libp2p.Scheduling;

/// <summary>
/// Starts work that outlives its caller without the caller's ambient values: neither its AsyncLocals nor its Activity are seen by that
/// work or kept alive by it.
/// </summary>
internal static class AmbientFlow
{
    /// <summary>Starts the work; what it awaits continues without the caller's values. Its synchronous beginning still sees them.</summary>
    public static TResult Start<TState, TResult>(TState state, Func<TState, TResult> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return work(state);
        }

        using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();
        return work(state);
    }
}
