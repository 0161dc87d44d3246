namespace Libp2p.Scheduling;

/// <summary>
/// Starts work outside the caller's execution context, on its scheduler: AsyncLocal values, log scopes and the current activity of the
/// caller are not visible in it, and are not kept alive by it.
/// </summary>
internal static class CleanContext
{
    /// <summary>Starts work; the caller awaits it in its own context.</summary>
    public static Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return YieldAsync(work);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return YieldAsync(work);
        }
    }

    /// <inheritdoc cref="RunAsync{T}(Func{Task{T}})"/>
    public static Task RunAsync(Func<Task> work) => RunAsync(async () =>
    {
        await work();
        return true;
    });

    private static async Task<T> YieldAsync<T>(Func<Task<T>> work)
    {
        await Task.Yield(); // the continuation carries no context, as none was captured
        return await work();
    }
}
