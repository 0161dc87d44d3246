using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Libp2p.Simulation;

/// <summary>
/// Looks inside tasks for what they await. It reads private fields of the platform, as a debugger does, and only to explain a
/// failure: where a version of the platform names them otherwise, the report says less.
/// </summary>
internal static class AwaitedObjects
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The state machine of an async method's task or of an async iterator.</summary>
    public static object? StateMachineOf(object holder)
    {
        if (holder is IAsyncStateMachine)
        {
            return holder;
        }

        for (Type? type = holder.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            if (type.GetField("StateMachine", Instance)?.GetValue(holder) is IAsyncStateMachine machine)
            {
                return machine;
            }
        }

        return null;
    }

    /// <summary>What this waits for: the awaiters of an async method, or the tasks that WhenAll and its like hold.</summary>
    public static IEnumerable<object> Under(object waiting)
    {
        if (StateMachineOf(waiting) is { } machine)
        {
            return Fields(machine.GetType())
                .Where(static field => field.Name.StartsWith("<>u__", StringComparison.Ordinal))
                .Select(field => Unwrap(field.GetValue(machine)))
                .OfType<object>();
        }

        return waiting is Task ? Fields(waiting.GetType()).SelectMany(field => Tasks(field.GetValue(waiting))) : [];
    }

    // The fields of the type and its bases, but not those of Task itself: its continuations lead upwards, not down.
    private static IEnumerable<FieldInfo> Fields(Type? type)
    {
        for (; type is not null && type != typeof(Task) && type != typeof(object); type = type.BaseType)
        {
            if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            {
                continue;
            }

            foreach (FieldInfo field in type.GetFields(Instance))
            {
                yield return field;
            }
        }
    }

    // An awaiter is a struct, or structs in a struct, around the task or value task source.
    private static object? Unwrap(object? awaiter)
    {
        if (awaiter is null || !awaiter.GetType().IsValueType)
        {
            return awaiter;
        }

        return awaiter.GetType().GetFields(Instance)
            .Where(static field => !field.FieldType.IsPrimitive && !field.FieldType.IsEnum)
            .Select(field => Unwrap(field.GetValue(awaiter)))
            .FirstOrDefault(static inner => inner is not null);
    }

    private static IEnumerable<object> Tasks(object? value) => value switch
    {
        Task task => [task],
        IEnumerable many and not string => many.OfType<Task>(),
        _ => [],
    };
}
