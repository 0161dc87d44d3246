namespace Libp2p;

/// <summary>Joins two dialogues into one: what one receives the other sends, ends included.</summary>
internal static class DialogueJoin
{
    /// <summary>Passes messages on both ways until both directions have ended. The failure of one direction ends the other, and is thrown.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="codes">The operation's: the code of a declared exception goes on to the other side.</param>
    /// <param name="cancellationToken">Ends both.</param>
    public static async ValueTask RunAsync<TThere, TBack>(
        Dialogue<TThere, TBack> a, Dialogue<TBack, TThere> b, IReadOnlyList<ResetCode> codes, CancellationToken cancellationToken)
    {
        using Join join = new(codes, cancellationToken);
        await join.RunAsync(PassAsync(a, b, join), PassAsync(b, a, join));
    }

    private static async Task PassAsync<TMessage, TOther>(Dialogue<TMessage, TOther> from, Dialogue<TOther, TMessage> to, Join join)
    {
        try
        {
            while (await from.TryReceiveAsync(join.Token) is { HasMessage: true } received)
            {
                await to.SendAsync(received.Message, join.Token);
            }

            await to.CompleteAsync(join.Token);
        }
        catch (Exception e)
        {
            EndReason reason = join.Fail(e, from.End, to.End);
            from.Reset(reason);
            to.Reset(reason);
            join.End();
        }
    }
}
