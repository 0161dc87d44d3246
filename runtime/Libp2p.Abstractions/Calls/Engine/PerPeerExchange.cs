using System.Runtime.ExceptionServices;
using Libp2p.Codecs;

namespace Libp2p;

/// <summary>One of the streams of a long-lived duplex call: greets, sends what there is, reads until it breaks.</summary>
internal sealed class PerPeerExchange<TRequest, TResponse>(KeptEnumeration<TRequest> requests, Func<ProtocolId, IEnumerable<TRequest>> hello) : IAsyncDisposable
{
    private ClientCall? _call;
    private MessageReader<TResponse>? _reader;
    private Task _sending = Task.CompletedTask;
    private Exception? _failure;     // of the stream: it is replaced
    private Exception? _ownFailure;  // of what the caller gave: it ends the call
    private bool _isSent;
    private bool _isReceived;

    /// <summary>Whether the call is over: everything was sent, and the responder has finished.</summary>
    public bool IsOver => _isSent && _isReceived;

    /// <summary>Opens the stream, and begins to send. A failure of the stream is told by <see cref="ReadAsync"/>'s end.</summary>
    public async ValueTask StartAsync(
        Func<ValueTask<ClientCall>> open, MessageCodec<TRequest> request, MessageCodec<TResponse> response, MessageFraming framing)
    {
        try
        {
            _call = await open();
        }
        catch (Libp2pException e) when (e is not ProtocolNotSupportedException)
        {
            _failure = e;
            return;
        }

        _reader = _call.Reader(response, framing);
        _sending = SendAsync(_call.Writer(request, framing), _call.Token);
    }

    /// <summary>The next response; none when the stream has ended, one way or the other.</summary>
    public async ValueTask<Received<TResponse>> ReadAsync()
    {
        if (_call is null)
        {
            return default;
        }

        try
        {
            Received<TResponse> received = await _reader!.ReadAsync(_call.Token);
            _isReceived = !received.HasMessage;
            return received;
        }
        catch (Exception e) when (_ownFailure is null)
        {
            Exception cause = _call.Exchange.TryExplain(e, out Exception? explained) ? explained : e;
            if (cause is not Libp2pException)
            {
                throw cause;
            }

            _failure = cause;
            return default;
        }
        catch (OperationCanceledException)
        {
            ExceptionDispatchInfo.Throw(_ownFailure!);
            throw;
        }
    }

    /// <summary>Throws what the stream failed with.</summary>
    public void ThrowFailure() => ExceptionDispatchInfo.Throw(
        _failure ?? new StreamResetException("The remote ended the stream", new EndReason(EndedBy.Remote, ErrorCode.None, "The remote ended the stream")));

    /// <summary>Ends the stream: in order where everything was sent and received.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_call is null)
        {
            return;
        }

        await _call.Exchange.Enter(); // the enumerator may be disposed of from anywhere
        if (_failure is not null)
        {
            _call.Exchange.Fail(_failure);
        }

        if (!IsOver)
        {
            _call.Exchange.Cancel();
            await _call.EndAsync(_failure is null
                ? new EndReason(EndedBy.Local, _isReceived ? ErrorCode.None : ErrorCode.Cancelled, "The stream is replaced, or its caller left")
                : _call.Exchange.ReasonFor(_failure));
        }

        await _sending;
        _reader!.Dispose();
        await _call.EndAsync(null);
        _call.Dispose();
    }

    private async Task SendAsync(MessageWriter<TRequest> writer, CancellationToken token)
    {
        try
        {
            foreach (TRequest message in hello(writer.Protocol))
            {
                await writer.SendAsync(message, token);
            }

            while (await requests.HasNextAsync(token))
            {
                await writer.SendAsync(requests.Current, token);
                requests.Take();
            }

            await writer.FlushAsync(andClose: true, token);
            _isSent = true;
        }
        catch (Exception e) when (e is Libp2pException and not LimitExceededException || token.IsCancellationRequested)
        {
            // The stream broke or is over: the reading tells, and what was not sent goes out on the next one.
        }
        catch (Exception e)
        {
            _ownFailure = e;
            _call!.Exchange.Cancel();
        }
    }
}
