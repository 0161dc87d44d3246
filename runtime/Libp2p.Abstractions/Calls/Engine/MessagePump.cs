namespace Libp2p;

/// <summary>
/// Sends what a caller streams while something else is read. A failure of the caller's stream ends the reading; a failure to
/// write only ends the sending, because what has arrived beats it. Both are awaited.
/// </summary>
internal sealed class MessagePump<T>
{
    private readonly ClientCall _call;
    private readonly MessageWriter<T> _writer;
    private Task<bool> _sending = Task.FromResult(false);
    private Exception? _failure;

    private MessagePump(ClientCall call, MessageWriter<T> writer) => (_call, _writer) = (call, writer);

    /// <summary>Begins to enumerate and send.</summary>
    public static MessagePump<T> Start(IAsyncEnumerable<T> messages, MessageWriter<T> writer, ClientCall call)
    {
        MessagePump<T> pump = new(call, writer);
        pump._sending = pump.SendAsync(messages);
        return pump;
    }

    /// <summary>Reads the next message. When that fails, the call is over and nothing of it runs any more.</summary>
    public async ValueTask<Received<TResponse>> ReadAsync<TResponse>(MessageReader<TResponse> reader)
    {
        try
        {
            return await reader.ReadAsync(_call.Token);
        }
        catch (Exception e)
        {
            Exception cause = _failure ?? e;
            _call.Exchange.Cancel();
            _call.Stream.Reset(_call.Exchange.ReasonFor(cause));
            await _sending;
            await _call.FailAsync(cause);
            throw;
        }
    }

    /// <summary>Ends the call: in order where everything was sent and received, with a reset otherwise.</summary>
    /// <param name="isReceived">Whether the responder has finished; otherwise the caller left.</param>
    public async ValueTask EndAsync(bool isReceived)
    {
        if (!_sending.IsCompleted || !isReceived)
        {
            _call.Exchange.Cancel();
            await _call.ResetAsync(isReceived ? "The responder has finished" : "The caller left before the end");
        }

        bool wasSent = await _sending;
        await _call.EndExchangeAsync(wasSent, mayReturn: false);
    }

    /// <returns>Whether all was sent.</returns>
    private async Task<bool> SendAsync(IAsyncEnumerable<T> messages)
    {
        try
        {
            await foreach (T message in messages.WithCancellation(_call.Token))
            {
                _writer.Write(message);
                if (!await _writer.FlushAsync(_call.Token).SucceedsAsync())
                {
                    return false;
                }
            }

            return await _writer.CompleteAsync(_call.Token).SucceedsAsync();
        }
        catch (Exception e)
        {
            _failure = e is OperationCanceledException && _call.Token.IsCancellationRequested ? null : e;
            _call.Exchange.Cancel();
            return false;
        }
    }
}
