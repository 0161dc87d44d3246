using System.Runtime.CompilerServices;
using Libp2p.Scheduling;

namespace Libp2p;

/// <summary>
/// The initiator's two directions of a streaming call: sends what its caller gives while it reads what the responder sends. A
/// failure of the caller's stream ends the reading; a failure to write only ends the sending, because what has arrived beats it.
/// Both are awaited.
/// </summary>
internal sealed class MessagePump<T>
{
    private readonly ClientCall _call;
    private readonly MessageWriter<T> _writer;
    private Task<bool> _sending = Task.FromResult(true);
    private Exception? _failure;      // of what the caller gave: it ends the call
    private Exception? _writeFailure; // of the stream: the reading decides
    private bool _isAllGiven;         // the caller's stream has ended, and all its messages were taken

    private MessagePump(ClientCall call, MessageWriter<T> writer) => (_call, _writer) = (call, writer);

    /// <summary>Sends one message, and ends our direction.</summary>
    public static MessagePump<T> Send(T message, MessageWriter<T> writer, ClientCall call)
    {
        MessagePump<T> pump = new(call, writer);
        pump._sending = pump.SendAsync(message);
        return pump;
    }

    /// <summary>Begins to enumerate and send, and ends our direction after the last.</summary>
    public static MessagePump<T> Send(IAsyncEnumerable<T> messages, MessageWriter<T> writer, ClientCall call)
    {
        MessagePump<T> pump = new(call, writer);
        pump._sending = pump.SendAsync(messages);
        return pump;
    }

    /// <summary>Reads the next message. When that fails, the call is over and nothing of it runs any more.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received<TResponse>> ReadAsync<TResponse>(MessageReader<TResponse> reader)
    {
        try
        {
            return await reader.ReadAsync(_call.Token);
        }
        catch (Exception e)
        {
            await FailAsync(e);
            throw;
        }
    }

    /// <summary>Waits until all was sent. When it fails, the call is over: a responder that ends the stream before is a failure too.</summary>
    public async ValueTask SentAsync(UnusedDirection unused)
    {
        bool wasSent = await _sending;
        bool isRefused = !wasSent && _failure is null && (unused.IsOver || _writeFailure is null);
        if (!wasSent && !(isRefused && _isAllGiven))
        {
            Exception failure = _failure
                ?? (isRefused ? new RemoteEndedException("The remote ended the stream", _call.Exchange.MessagesSent) : unused.Outcome ?? _writeFailure!);
            _call.Stream.Reset(_call.Exchange.ReasonFor(failure));
            await unused.StopAsync();
            await _call.FailAsync(failure);
        }

        await unused.StopAsync();
        await _call.EndExchangeAsync(wasSent, mayReturn: false);
    }

    /// <summary>Ends the call: in order where everything was sent and received, with a reset otherwise.</summary>
    /// <param name="isReceived">Whether the responder has finished; otherwise the caller left.</param>
    public async ValueTask EndAsync(bool isReceived)
    {
        if (!_sending.IsCompleted || !isReceived)
        {
            _call.Exchange.Cancel();
            await _call.EndAsync(isReceived
                ? new EndReason(EndedBy.Local, ErrorCode.None, "The responder has finished")
                : new EndReason(EndedBy.Local, ErrorCode.Cancelled, "The caller left before the end"));
        }

        bool wasSent = await _sending;
        await _call.EndExchangeAsync(wasSent, mayReturn: false);
    }

    /// <summary>Ends both directions, and throws what ended the first.</summary>
    public async ValueTask FailAsync(Exception thrown)
    {
        Exception cause = _failure ?? thrown;
        _call.Stream.Reset(_call.Exchange.ReasonFor(cause));
        _call.Exchange.Cancel();
        await _sending;
        await _call.FailAsync(cause);
    }

    /// <returns>Whether all was sent.</returns>
    private async Task<bool> SendAsync(IAsyncEnumerable<T> messages)
    {
        GivenItems<T> items = new(messages, _call.Exchange.Name, _call.Life);
        try
        {
            return await SendAsync(items) && await TryFlushAsync(andClose: true);
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    /// <returns>Whether all was taken.</returns>
    private async ValueTask<bool> SendAsync(GivenItems<T> items)
    {
        try
        {
            while (await items.MoveNextAsync())
            {
                _writer.Write(items.Current);
                if (!await TryFlushAsync(andClose: false))
                {
                    await items.EndAsync();
                    return false;
                }
            }

            _isAllGiven = true;
        }
        catch (Exception)
        {
            await items.EndAsync().SucceedsAsync(); // what failed first is what counts
            throw;
        }

        await items.EndAsync();
        return true;
    }

    private async Task<bool> SendAsync(T message)
    {
        try
        {
            _writer.Write(message);
            return await TryFlushAsync(andClose: true);
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    private async ValueTask<bool> TryFlushAsync(bool andClose)
    {
        try
        {
            if (!andClose)
            {
                return await _writer.TryFlushAsync(_call.Token);
            }

            await _writer.FlushAsync(andClose: true, _call.Token);
            return true;
        }
        catch (Exception e)
        {
            _writeFailure = e;
            return false;
        }
    }

    /// <summary>The caller's stream failed, or a message could not be encoded: the call is over.</summary>
    private bool Fail(Exception e)
    {
        if (e is OperationCanceledException && _call.Token.IsCancellationRequested)
        {
            _writeFailure = e;
        }
        else
        {
            _failure = e;
            _call.Exchange.Cancel();
        }

        return false;
    }
}
