using System.Globalization;
using System.Text;

namespace Libp2p.Simulation;

/// <summary>Something in a simulation ran, or was about to run, where the seed does not decide the order; or two runs differed.</summary>
public sealed class DeterminismException : Exception
{
    /// <summary>Names the violations.</summary>
    public DeterminismException(string message, IReadOnlyList<DeterminismViolation>? violations = null)
        : base(Compose(message, violations ?? []))
    {
        Violations = violations ?? [];
    }

    /// <summary>What escaped, in the order it was seen.</summary>
    public IReadOnlyList<DeterminismViolation> Violations { get; }

    private static string Compose(string message, IReadOnlyList<DeterminismViolation> violations)
    {
        StringBuilder text = new(message);
        foreach (DeterminismViolation violation in violations)
        {
            text.AppendLine().AppendLine().Append(CultureInfo.InvariantCulture, $"{violation}");
        }

        return text.ToString();
    }
}

/// <summary>One escape from the deterministic queue.</summary>
/// <param name="What">What the offender did, as a predicate: "hands work to the thread pool".</param>
/// <param name="Continuation">What was to continue on the scheduler, where that is known.</param>
/// <param name="Stack">Where it happened.</param>
public sealed record DeterminismViolation(string What, string? Continuation, string Stack)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"Something {What}{(Continuation is null ? "" : $" to continue {Continuation}")}:{Environment.NewLine}{Stack}";
}
