using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>How long a call lives, and who keeps what does not end with it.</summary>
/// <param name="Time">The node's clock.</param>
/// <param name="Keeper">The node, through its opener; null for a local call, which keeps nothing.</param>
/// <param name="Ends">Cancelled when the call ends.</param>
internal readonly record struct CallLife(TimeProvider Time, IStreamOpener? Keeper, CancellationToken Ends);

/// <summary>
/// Application code that was told to end with its call. A call waits for it for <see cref="Grace"/>, then leaves it behind: the node keeps
/// it, counted and bounded (<see cref="IStreamOpener.TryAbandon"/>), until it returns. Only where the node keeps no more is it waited for.
/// </summary>
internal static class LeftBehind
{
    /// <summary>How long code may take to end that heeds its token.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(250);

    /// <summary>Waits for the work, and throws what it throws, or leaves it behind.</summary>
    /// <param name="work">Application code that ends, as a task of the library's own.</param>
    /// <param name="operation">Whose call it was given to.</param>
    /// <param name="call">Whose it was. Only a call that has ended leaves something behind.</param>
    public static async ValueTask EndAsync(Task work, string operation, CallLife call)
    {
        if (!work.IsCompleted && !call.Ends.IsCancellationRequested)
        {
            using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(call.Ends);
            Task ending = EndsAsync(ended.Token);
            await AnyAsync(work, ending);
            ended.Cancel();
            await ending;
        }

        if (!work.IsCompleted && !await EndsWithinAsync(work, call.Time) && call.Keeper?.TryAbandon(SettleAsync(work), $"{operation}: the messages given to the call") != false)
        {
            return;
        }

        await work;
    }

    /// <summary>Whether the work ends within its grace.</summary>
    private static async ValueTask<bool> EndsWithinAsync(Task work, TimeProvider time)
    {
        using CancellationTokenSource ended = new();
        Task over = SettleAsync(Waits.DelayAsync(Grace, time, ended.Token));
        await AnyAsync(work, over);
        ended.Cancel();
        await over;
        return work.IsCompleted;
    }

    private static async Task AnyAsync(Task one, Task other) => await Task.WhenAny(one, other);

    private static async Task EndsAsync(CancellationToken token)
    {
        TaskCompletionSource ends = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), ends);
        await ends.Task;
    }

    /// <summary>Ends when the work does, and throws nothing.</summary>
    private static async Task SettleAsync(Task work) => await new ValueTask(work).SucceedsAsync();
}
