using Libp2p.Scheduling;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>
/// Asks the application's gaters. They answer synchronously and may block, so the caller's thread is not the one that asks: the caller waits
/// for a bounded time, and a question that is unanswered then counts as refused and is left behind. Thread-safe.
/// </summary>
/// <param name="all">The gaters; without any, nothing is asked and nothing is spent.</param>
/// <param name="abandoned">Keeps the questions that are left behind.</param>
/// <param name="seams">The clock of the wait, and where questions are asked.</param>
/// <param name="timeout">Time for an answer.</param>
/// <param name="log">Where to log.</param>
internal sealed class Gaters(IReadOnlyList<IConnectionGater> all, AbandonedWork abandoned, NodeSeams seams, TimeSpan timeout, ILogger log)
{
    /// <summary>Questions that may be unanswered at the same time, those left behind included. Further ones wait, within their own time.</summary>
    public const int MaxConcurrent = 64;

    private readonly Turnstile _places = new(MaxConcurrent);
    private int _asking;

    /// <summary>Whether there is nobody to ask.</summary>
    public bool IsEmpty => all.Count == 0;

    /// <summary>Why a gater does not allow it, as a sentence; null: all of them do. Throws nothing.</summary>
    /// <param name="subject">The address or peer in question.</param>
    /// <param name="question">Asked of each gater until one refuses.</param>
    /// <param name="cancellationToken">Ends the wait; what is unanswered then is refused.</param>
    public ValueTask<string?> RefusalAsync(object subject, Func<IConnectionGater, bool> question, CancellationToken cancellationToken) =>
        IsEmpty ? default : AskAsync(subject, question, cancellationToken);

    private async ValueTask<string?> AskAsync(object subject, Func<IConnectionGater, bool> question, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(timeout, seams.Time, cancellationToken);
        try
        {
            await _places.EnterAsync(deadline.Token);
            return await abandoned.WaitAsync($"The gater's answer about {subject}", Begin(subject, question), deadline.Token);
        }
        catch (OperationCanceledException)
        {
            return deadline.IsOver
                ? FormattableString.Invariant($"The gater did not answer about {subject} within {timeout.TotalSeconds} s")
                : $"The gater had not answered about {subject} when the wait for it was cancelled";
        }
    }

    /// <summary>
    /// Asks on the node's scheduler while no other question is unanswered, and otherwise on a thread of its own: so a gater that answers at
    /// once costs no thread, and one that blocks holds one thread of the pool at the most. In simulation there is the one queue only.
    /// </summary>
    private Task<string?> Begin(object subject, Func<IConnectionGater, bool> question)
    {
        TaskCompletionSource<string?> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isAlone = Interlocked.Increment(ref _asking) == 1;
        if (isAlone || seams.Scheduler.Context is not null || OperatingSystem.IsBrowser())
        {
            seams.Scheduler.Schedule(static ask => ((Action)ask!)(), (Action)Ask);
        }
        else
        {
            new Thread(Ask) { IsBackground = true, Name = "libp2p gater" }.UnsafeStart(); // without the caller's execution context
        }

        return answer.Task;

        void Ask()
        {
            string? refusal = Refusal(subject, question);
            Interlocked.Decrement(ref _asking);
            _places.Leave();
            answer.SetResult(refusal);
        }
    }

    private string? Refusal(object subject, Func<IConnectionGater, bool> question)
    {
        try
        {
            return all.All(question) ? null : $"The gater refused {subject}";
        }
        catch (Exception e) // third-party gaters may throw anything
        {
            NodeLog.GaterFailed(log, e);
            return $"The gater failed when it was asked about {subject}";
        }
    }
}
