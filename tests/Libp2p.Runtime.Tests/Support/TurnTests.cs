using Libp2p.Scheduling;

namespace Libp2p.Tests;

public sealed class TurnTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Fact]
    public async Task Turns_are_given_in_the_order_of_asking()
    {
        Turn turn = new();
        await turn.TakeAsync(s_none);
        Task second = turn.TakeAsync(s_none).AsTask();
        Task third = turn.TakeAsync(s_none).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);

        turn.Give();
        await second;
        Assert.False(third.IsCompleted);
        turn.Give();
        await third;
        turn.Give();
        Assert.True(turn.TakeAsync(s_none).AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_is_cancelled_is_passed_over()
    {
        Turn turn = new();
        using CancellationTokenSource source = new();
        await turn.TakeAsync(s_none);
        Task cancelled = turn.TakeAsync(source.Token).AsTask();
        Task next = turn.TakeAsync(s_none).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => turn.TakeAsync(source.Token).AsTask());

        turn.Give();
        await next;
    }

    [Fact]
    public async Task No_turn_is_lost_between_cancelling_and_giving()
    {
        for (int i = 0; i < 500; i++)
        {
            Turn turn = new();
            using CancellationTokenSource source = new();
            await turn.TakeAsync(s_none);
            Task<bool> contender = TryTakeAsync(turn, source.Token);
            await Task.WhenAll(Task.Run(source.Cancel), Task.Run(turn.Give));

            if (await contender)
            {
                turn.Give();
            }

            Assert.True(turn.TakeAsync(s_none).AsTask().IsCompletedSuccessfully);
        }
    }

    private static async Task<bool> TryTakeAsync(Turn turn, CancellationToken cancellationToken)
    {
        try
        {
            await turn.TakeAsync(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
