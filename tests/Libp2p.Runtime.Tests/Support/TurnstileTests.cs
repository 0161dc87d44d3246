using Libp2p.Scheduling;

namespace Libp2p.Tests;

public sealed class TurnstileTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Turns_are_given_in_the_order_of_asking()
    {
        Turnstile turn = new(1);
        await turn.EnterAsync(s_none);
        Task second = turn.EnterAsync(s_none).AsTask();
        Task third = turn.EnterAsync(s_none).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);

        turn.Leave();
        await second;
        Assert.False(third.IsCompleted);
        turn.Leave();
        await third;
        turn.Leave();
        Assert.True(turn.EnterAsync(s_none).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_is_cancelled_is_passed_over()
    {
        Turnstile turn = new(1);
        using CancellationTokenSource source = new();
        await turn.EnterAsync(s_none);
        Task cancelled = turn.EnterAsync(source.Token).AsTask();
        Task next = turn.EnterAsync(s_none).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn.EnterAsync(source.Token).AsTask());

        turn.Leave();
        await next;
    }

    [Fact]
    public async Task No_turn_is_lost_between_cancelling_and_giving()
    {
        for (int i = 0; i < 500; i++)
        {
            Turnstile turn = new(1);
            using CancellationTokenSource source = new();
            await turn.EnterAsync(s_none);
            Task<bool> contender = TryTakeAsync(turn, source.Token);
            await Task.WhenAll(Task.Run(source.Cancel), Task.Run(turn.Leave));

            if (await contender)
            {
                turn.Leave();
            }

            Assert.True(turn.EnterAsync(s_none).AsTask().IsCompletedSuccessfully);
        }
    }

    private static async Task<bool> TryTakeAsync(Turnstile turn, CancellationToken cancellationToken)
    {
        try
        {
            await turn.EnterAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
