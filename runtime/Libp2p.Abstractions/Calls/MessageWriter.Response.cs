using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// Sends the messages of a call that ends with a response. One writer at a time. What a generated <c>Open…Async</c> returns is its
/// caller's, who completes and disposes of it; the operation's limits go on applying until then.
/// </summary>
/// <remarks>
/// The call is complete when <see cref="CompleteAsync"/> has returned the response. Disposing of the writer before its direction was ended
/// resets the stream with <see cref="ErrorCode.Cancelled"/>, and so does the cancellation of the context's token, at once.
/// </remarks>
/// <typeparam name="TMessage">What is sent.</typeparam>
/// <typeparam name="TResponse">What is answered.</typeparam>
public sealed class MessageWriter<TMessage, TResponse> : IAsyncDisposable
{
    private static readonly EndReason s_answered = new(EndedBy.Local, ErrorCode.None, "Answered before everything was read");

    private readonly Dialogue<TResponse, TMessage> _dialogue;

    internal MessageWriter(Dialogue<TResponse, TMessage> dialogue) => _dialogue = dialogue;

    /// <summary>The agreed id.</summary>
    public ProtocolId Protocol => _dialogue.Protocol;

    /// <summary>Sends a message: it is in the bounded send queue when the task completes, and waits while the remote does not read.</summary>
    /// <param name="message">Lent until the task completes.</param>
    /// <param name="cancellationToken">Ends the wait. The message stays in order: it is sent whole or, with the stream, not at all.</param>
    /// <exception cref="LimitExceededException">The message is longer than the operation allows; nothing was sent.</exception>
    /// <exception cref="StreamResetException">The remote reads no more, because it has answered, or the stream was reset.</exception>
    /// <exception cref="DeadlineExceededException">The operation's time is over.</exception>
    public ValueTask WriteAsync(TMessage message, CancellationToken cancellationToken = default) => _dialogue.SendAsync(message, cancellationToken);

    /// <summary>Ends our direction, and waits for the response, which may have arrived before. Once.</summary>
    /// <returns>The response, bytes included, is the caller's.</returns>
    /// <exception cref="ProtocolViolationException">The stream ended instead, or the response breaks a rule.</exception>
    /// <exception cref="StreamResetException">The stream was reset.</exception>
    /// <exception cref="DeadlineExceededException">The operation's time is over.</exception>
    public async ValueTask<TResponse> CompleteAsync(CancellationToken cancellationToken = default)
    {
        await _dialogue.Enter();
        ValueTask ending = _dialogue.CompleteAsync(cancellationToken);
        try
        {
            TResponse response = await _dialogue.ReceiveOwnedAsync(cancellationToken);
            if (!ending.IsCompleted)
            {
                _dialogue.Reset(s_answered); // the remote reads no more: nothing else would end the wait
            }

            return response;
        }
        finally
        {
            await ending.SucceedsAsync(); // what has arrived beats what could not be sent
        }
    }

    /// <summary>Ends the stream: in order where our direction was ended, else with a reset. Idempotent.</summary>
    public ValueTask DisposeAsync() => _dialogue.DisposeAsync();
}
