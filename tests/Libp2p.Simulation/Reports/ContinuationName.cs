using System.Runtime.CompilerServices;

namespace Libp2p.Simulation;

/// <summary>Names what a work item is about to continue: the async method behind the delegates the platform wraps it in.</summary>
internal static class ContinuationName
{
    private const int MaxDepth = 6;

    public static string Of(WorkItem item) => Of(item.Callback, item.State);

    public static string Of(Delegate callback, object? state) =>
        Find(state, MaxDepth) ?? Find(callback.Target, MaxDepth) ?? MethodName.Of(callback.Method);

    private static string? Find(object? holder, int depth)
    {
        if (holder is null || depth == 0)
        {
            return null;
        }

        if (AwaitedObjects.StateMachineOf(holder) is { } machine)
        {
            return MethodName.OfStateMachine(machine.GetType());
        }

        return holder switch
        {
            Delegate inner => Find(inner.Target, depth - 1) ?? MethodName.Of(inner.Method),
            ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => Find(tuple[i], depth - 1)).FirstOrDefault(static name => name is not null),
            _ => null,
        };
    }
}
