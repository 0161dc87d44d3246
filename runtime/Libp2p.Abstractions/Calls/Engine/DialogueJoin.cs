namespace Libp2p;

/// <summary>Joins two dialogues into one: what one receives the other sends, ends included.</summary>
internal static class DialogueJoin
{
    /// <summary>Passes messages on both ways until both directions have ended. The failure of one direction ends the other.</summary>
    public static async ValueTask RunAsync<TThere, TBack>(Dialogue<TThere, TBack> a, Dialogue<TBack, TThere> b, CancellationToken cancellationToken)
    {
        using CancellationTokenSource failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task there = PassAsync(a, b, failed);
        Task back = PassAsync(b, a, failed);
        await Task.WhenAll(there, back);
    }

    private static async Task PassAsync<TMessage, TOther>(
        Dialogue<TMessage, TOther> from, Dialogue<TOther, TMessage> to, CancellationTokenSource failed)
    {
        try
        {
            while (await from.TryReceiveAsync(failed.Token) is { HasMessage: true } received)
            {
                await to.SendAsync(received.Message, failed.Token);
            }

            await to.CompleteAsync(failed.Token);
        }
        catch (Exception e)
        {
            from.Reset(e);
            to.Reset(e);
            failed.Cancel();
            throw;
        }
    }
}
