using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Libp2p.Codecs;
using Libp2p.Connections;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>The initiator's side of one call: opens its stream within its time, and ends it, one way or the other.</summary>
internal sealed class ClientCall : IDisposable
{
    /// <summary>Time for opening a stream where the exchange as a whole has no bound.</summary>
    private static readonly TimeSpan s_opening = TimeSpan.FromSeconds(10);

    private readonly IStreamOpener? _opener;
    private readonly OperationSettings _settings;
    private readonly bool _boundsOpening;
    private readonly CancellationToken _givenUp; // resets the stream of a call that is not joined to another one
    private P2PStream? _stream;

    private ClientCall(
        Operation operation,
        OperationSettings settings,
        IStreamOpener? opener,
        TimeProvider time,
        CallContext context,
        bool isJoined = false,
        CancellationToken second = default)
    {
        _opener = opener;
        _settings = settings;
        _givenUp = isJoined ? default : context.CancellationToken;
        TimeSpan? total = settings.Limits.Exchange is { } own && !(context.Timeout < own) ? own : context.Timeout;
        CallMeter? meter = CallMeter.For(opener?.Telemetry, operation.Name, settings.Ids[0], Direction.Outbound, time);
        meter?.Begin();
        Exchange = new Exchange(operation.Name, settings.Limits, total, time, context.CancellationToken, context.Info)
        {
            IsCall = true,
            ResetsWhenGivenUp = !isJoined,
            Offered = settings.Ids[0],
            Scheduler = opener?.Scheduler,
            Peer = opener?.Peer,
            Second = second,
            ResetCodes = operation.ResetCodes,
            Meter = meter,
            EndsMeter = true,
        };
        _boundsOpening = total is null;
    }

    /// <summary>A call, whose time begins with its opening and is bounded by the operation and by the caller.</summary>
    /// <param name="operation">What is called.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <param name="second">A further token of the caller's, of its enumeration.</param>
    public static ClientCall Start(
        Operation operation, OperationSettings settings, IStreamOpener opener, CallContext context, CancellationToken second = default) =>
        new(operation, settings, opener, opener.Time, context, second: second);

    /// <summary>A call with its stream open, which lives on in what the caller gets.</summary>
    /// <param name="operation">What is called.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="opener">Opens the stream.</param>
    /// <param name="context">Cancellation, time, and what is to be told.</param>
    /// <param name="endsWithStream">Whether the stream's abort cancels the token.</param>
    /// <param name="isJoined">Whether its stream is joined to another one, and ends with it.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public static async ValueTask<ClientCall> OpenAsync(
        Operation operation, OperationSettings settings, IStreamOpener opener, CallContext context, bool endsWithStream = true, bool isJoined = false)
    {
        ClientCall call = new(operation, settings, opener, opener.Time, context, isJoined);
        try
        {
            await call.OpenAsync(settings.Request, endsWithStream);
            return call;
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>A call on a stream that is open already.</summary>
    public static ClientCall On(P2PStream stream, Operation operation, OperationSettings settings, CallContext context, bool endsWithStream)
    {
        ClientCall call = new(operation, settings, null, stream.Time, context) { _stream = stream };
        call.Exchange.Attach(stream, endsWithStream);
        return call;
    }

    /// <summary>Its clock and token.</summary>
    public Exchange Exchange { get; }

    /// <summary>How long it lives, and who keeps what does not end with it.</summary>
    public CallLife Life => new(Exchange.Time, _opener, Exchange.Token);

    /// <summary>Its token.</summary>
    public CancellationToken Token => Exchange.Token;

    /// <summary>Whether its kept stream was found dead as the request was about to be sent: the remote has seen nothing of it.</summary>
    public bool IsUnsent { get; set; }

    /// <summary>Its open stream.</summary>
    public P2PStream Stream => _stream ?? throw new InvalidOperationException("The call has no stream.");

    /// <summary>Opens the stream; the call owns it.</summary>
    /// <param name="request">What stream is wanted.</param>
    /// <param name="endsWithStream">Whether the stream's abort cancels the token: where something else than the stream may be waited for.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<P2PStream> OpenAsync(StreamRequest request, bool endsWithStream = true)
    {
        if (_boundsOpening)
        {
            Exchange.BoundOpening(s_opening);
        }

        try
        {
            Token.ThrowIfCancellationRequested();
            _stream = await _opener!.OpenStreamAsync(request, Token);
            if (_stream.IsReused && !_stream.IsSilent())
            {
                await DropStreamAsync(); // the remote ended it meanwhile, or sent what would pass for the answer
                _stream = await _opener.OpenStreamAsync(request.Fresh(), Token);
            }
        }
        catch (Exception e)
        {
            Exception cause = WhyNotOpened(e);
            Exchange.Fail(cause);
            if (cause != e)
            {
                throw cause;
            }

            throw;
        }

        Exchange.Attach(_stream, endsWithStream);
        Exchange.EndOpening();
        return _stream;
    }

    private Exception WhyNotOpened(Exception thrown)
    {
        if (Exchange.IsGivenUp)
        {
            return Exchange.GivenUp(thrown); // whatever the attempt failed with when it was given up
        }

        return Exchange.TryExplain(thrown, out Exception? explained) ? explained : thrown;
    }

    /// <summary>Reads what the responder sends.</summary>
    public MessageReader<TMessage> Reader<TMessage>(MessageCodec<TMessage> codec, MessageFraming framing) =>
        new(Stream, codec, framing, _settings.Limits.MaxResponse, Exchange);

    /// <summary>Sends to the responder.</summary>
    public MessageWriter<TMessage> Writer<TMessage>(MessageCodec<TMessage> codec, MessageFraming framing) =>
        new(Stream, codec, framing, _settings.Limits.MaxRequest, Exchange);

    /// <summary>
    /// Sends the message that stands before a dialogue or before bytes, and leaves our direction open. A stream on which it could not be
    /// sent is not yet a failure: the responder may have answered before it read. When anything else fails, the call is over.
    /// </summary>
    public async ValueTask SendFirstAsync<TFirst>(TFirst first, MessageCodec<TFirst> codec, MessageFraming framing)
    {
        try
        {
            MessageWriter<TFirst> writer = Writer(codec, framing);
            writer.Write(first);
            await writer.TryFlushAsync(Token);
        }
        catch (Exception e) when (IsStreamFailure(e))
        {
            // What comes next is to be read: an answer, or why there is none.
        }
        catch (Exception e)
        {
            Exchange.Fail(e);
            Exchange.Dispose();
            await FailAsync(e);
        }
    }

    /// <summary>Reads the next message. When that fails, the call is over.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Received<TMessage>> ReadAsync<TMessage>(MessageReader<TMessage> reader)
    {
        try
        {
            return await reader.ReadAsync(Token);
        }
        catch (Exception e)
        {
            await FailAsync(e);
            throw;
        }
    }

    /// <summary>Gives up a stream that served an exchange before and did not live to serve this one.</summary>
    public ValueTask DropStreamAsync()
    {
        Exchange.Detach();
        return EndAsync(new EndReason(EndedBy.Local, ErrorCode.None, "Replaced by a fresh stream"));
    }

    /// <summary>Whether the stream, and not the call, is what failed.</summary>
    public bool IsStreamFailure(Exception thrown) =>
        thrown is StreamResetException or ConnectionClosedException && !Exchange.IsOver && !Token.IsCancellationRequested && !Exchange.IsAnswer(thrown);

    /// <summary>The exchange is complete.</summary>
    /// <param name="wasSent">Whether the responder took all that was to be sent.</param>
    /// <param name="mayReturn">Whether the stream is fit for another exchange.</param>
    public ValueTask EndExchangeAsync(bool wasSent, bool mayReturn)
    {
        if (!wasSent || !mayReturn || _stream is null || _settings.Request.ReuseIdle is not { Ticks: > 0 } || !Exchange.TryRelease())
        {
            return EndAsync(wasSent ? null : new EndReason(EndedBy.Local, ErrorCode.None, "Answered before the request was read"));
        }

        P2PStream stream = Release();
        stream.IsReused = true;
        _opener!.Return(stream, _settings.Request);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gives the stream away; the clock stops.</summary>
    public P2PStream Release()
    {
        P2PStream stream = Stream;
        _stream = null;
        Exchange.Settle();
        Exchange.Dispose();
        return stream;
    }

    /// <summary>
    /// Gives a raw stream away: of the limits its idle time goes on, and the caller's token goes on to reset it, until it is detached or
    /// disposed of.
    /// </summary>
    public P2PStream ReleaseRaw()
    {
        P2PStream stream = Stream;
        if (_settings.Limits.Idle is null && !_givenUp.CanBeCanceled)
        {
            return Release();
        }

        _stream = null;
        Exchange.Settle();
        Exchange.GoOnAsRaw();
        stream.Use(Exchange);
        stream.Own(Exchange);
        return stream;
    }

    /// <summary>Ends the stream if it is still there: in order, or with a reset for the reason.</summary>
    public async ValueTask EndAsync(EndReason? reset)
    {
        if (_stream is { } stream)
        {
            _stream = null;
            Exchange.Settle();
            if (reset is not null)
            {
                stream.Reset(reset);
            }

            await stream.FinishAsync();
        }
    }

    /// <summary>Resets the stream, and throws the exception or what is behind it.</summary>
    public async ValueTask FailAsync(Exception thrown)
    {
        Exception cause = Exchange.TryExplain(thrown, out Exception? explained) ? explained : thrown;
        Exchange.Fail(cause);
        await EndAsync(Exchange.ReasonFor(cause));
        ExceptionDispatchInfo.Throw(cause);
    }

    public void Dispose() => Exchange.Dispose();
}
