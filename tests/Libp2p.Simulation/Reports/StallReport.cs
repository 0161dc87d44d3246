using System.Globalization;
using System.Text;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Simulation;

/// <summary>
/// Explains a run that cannot end: for each named task the chain of awaits down to what never completes, then what is ready and
/// which timers are armed. Tasks that wait alike share a line.
/// </summary>
internal static class StallReport
{
    private const int MaxDepth = 24;
    private const int MaxLines = 400;
    private const int MaxGroups = 20;

    public static string Compose(IEnumerable<(string Name, Task Task)> tasks, IEnumerable<WorkItem> ready, VirtualClock clock)
    {
        StringBuilder text = new();
        AppendGroups(text, "Waiting:", tasks.Select(static entry => (entry.Name, Tree(entry.Task))));
        AppendGroups(text, "Ready:", ready.Select(static item => (ContinuationName.Of(item), "")));
        AppendGroups(text, "Timers:", clock.Pending().Select(timer => (Describe(timer, clock.Now), "")));
        return text.ToString();
    }

    private static void AppendGroups(StringBuilder text, string title, IEnumerable<(string Name, string Tree)> entries)
    {
        var groups = entries.GroupBy(static entry => entry.Tree.Length == 0 ? entry.Name : entry.Tree, StringComparer.Ordinal).ToArray();
        if (groups.Length == 0)
        {
            return;
        }

        text.AppendLine(title);
        foreach (var group in groups.Take(MaxGroups))
        {
            int count = group.Count();
            text.Append("  ").Append(group.First().Name);
            text.AppendLine(count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" and {count - 1} alike"));
            text.Append(group.First().Tree);
        }

        if (groups.Length > MaxGroups)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  and {groups.Length - MaxGroups} others");
        }
    }

    private static string Tree(Task root)
    {
        StringBuilder text = new();
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        int lines = 0;
        Append(root, depth: 2);
        return text.ToString();

        void Append(object waiting, int depth)
        {
            if (depth > MaxDepth || lines++ > MaxLines || !seen.Add(waiting) || waiting is Task { IsCompleted: true })
            {
                return;
            }

            object[] under = [.. AwaitedObjects.Under(waiting)];
            bool isOurs = AwaitedObjects.StateMachineOf(waiting)?.GetType().DeclaringType == typeof(SimulationScheduler);
            if (!isOurs)
            {
                text.Append(' ', depth * 2).AppendLine(Describe(waiting));
            }

            foreach (object awaited in under)
            {
                Append(awaited, isOurs ? depth : depth + 1);
            }
        }
    }

    private static string Describe(object waiting) => AwaitedObjects.StateMachineOf(waiting) is { } machine
        ? MethodName.OfStateMachine(machine.GetType()) + " awaits"
        : MethodName.Readable(waiting.GetType());

    private static string Describe(VirtualTimer timer, long now)
    {
        string period = timer.Period is { } ticks ? FormattableString.Invariant($", every {TimeSpan.FromTicks(ticks)}") : "";
        return FormattableString.Invariant($"in {TimeSpan.FromTicks(timer.Due - now)}{period}: {ContinuationName.Of(timer.Callback, timer.State)}");
    }
}
