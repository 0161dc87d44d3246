using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p;

/// <content>With <see cref="PerPeerAttribute"/>: one long-lived stream after another, in one enumeration.</content>
public sealed partial class DuplexOperation<T, TRequest, TResponse>
{
    /// <summary>
    /// Calls the operation over one long-lived stream, which is opened again when it breaks. Nothing is opened before the first item is
    /// asked for; it is enumerated once.
    /// </summary>
    /// <param name="settings">The bounds in force, for each of the streams.</param>
    /// <param name="opener">Opens the streams.</param>
    /// <param name="hello">What goes first on every stream; given the id agreed on it.</param>
    /// <param name="requests">Enumerated while the responses are, over all streams; its token is cancelled when they end.</param>
    /// <param name="context">Cancellation of all of it.</param>
    /// <returns>What the responder sends, over all streams.</returns>
    public IAsyncEnumerable<TResponse> OpenAsync(
        OperationSettings settings,
        IStreamOpener opener,
        Func<ProtocolId, IEnumerable<TRequest>> hello,
        IAsyncEnumerable<TRequest> requests,
        CallContext context = default) =>
        new SingleEnumeration<TResponse>(token => EnumerateAllAsync(settings, opener, hello, requests, context, token));

    /// <summary>Runs the member of an implementation in this process.</summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="hello">What goes first.</param>
    /// <param name="requests">What follows.</param>
    /// <param name="context">Cancellation.</param>
    /// <returns>What the implementation sends.</returns>
    public IAsyncEnumerable<TResponse> OpenAsync(
        T handler,
        OperationSettings settings,
        Func<ProtocolId, IEnumerable<TRequest>> hello,
        IAsyncEnumerable<TRequest> requests,
        CallContext context = default) =>
        Handler(handler, GreetAsync(hello(settings.Ids[0]), requests), context);

    private static async IAsyncEnumerable<TRequest> GreetAsync(IEnumerable<TRequest> hello, IAsyncEnumerable<TRequest> requests)
    {
        foreach (TRequest message in hello)
        {
            yield return message;
        }

        await foreach (TRequest message in requests)
        {
            yield return message;
        }
    }

    private async IAsyncEnumerator<TResponse> EnumerateAllAsync(
        OperationSettings settings,
        IStreamOpener opener,
        Func<ProtocolId, IEnumerable<TRequest>> hello,
        IAsyncEnumerable<TRequest> requests,
        CallContext context,
        CancellationToken token)
    {
        await opener.Scheduler.Enter();
        using JoinedToken joined = new(context.CancellationToken, token);
        await using KeptEnumeration<TRequest> kept = new(requests, Name, opener, joined.Token);
        Reopening reopening = new(opener.Random);
        while (true)
        {
            long since = opener.Time.GetTimestamp();
            PerPeerExchange<TRequest, TResponse> exchange = new(kept, hello);
            await using (exchange)
            {
                await exchange.StartAsync(
                    () => ClientCall.OpenAsync(this, settings, opener, new CallContext(joined.Token, info: context.Info)), Request, Response, Framing);
                while (await exchange.ReadAsync() is { HasMessage: true } response)
                {
                    yield return response.Message;
                    await opener.Scheduler.Enter();
                }
            }

            if (exchange.IsOver)
            {
                yield break;
            }

            reopening.OnBroken(opener.Time.GetElapsedTime(since));
            if (!reopening.TryNext(out TimeSpan delay))
            {
                exchange.ThrowFailure();
            }

            await Waits.DelayAsync(delay, opener.Time, joined.Token);
        }
    }
}
