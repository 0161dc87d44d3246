using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p.Negotiation;

/// <summary>
/// A stream whose one protocol the remote is known to support, so that negotiation costs no round trip: header and proposal leave
/// with the first bytes written, or with the first read, and the remote's answer is checked before a byte of the protocol is read.
/// </summary>
/// <remarks>
/// <para>A refusal surfaces as <see cref="ProtocolNotSupportedException"/> from the first read, from a flush after it has come, or from
/// closing; the stream is reset then.</para>
/// <para>Finishing our direction (<see cref="CloseWriteAsync"/>, completing the output asynchronously) completes the negotiation first,
/// unless the remote is known to take an <see cref="EarlyEnd"/>: an end of stream in one flight with an unconfirmed proposal is lost by
/// js. Disposing of the stream always completes it: a stream closed before the remote's answer looks broken to go.</para>
/// </remarks>
public sealed class LazyNegotiatedStream : IMuxedStream
{
    /// <summary>How long the remote may take to answer when we finish a stream without a token.</summary>
    public static readonly TimeSpan DefaultFinishTime = TimeSpan.FromSeconds(10);

    private readonly IMuxedStream _stream;
    private readonly LazyHandshake _handshake;
    private readonly LazyReader _input;
    private readonly LazyWriter _output;
    private readonly TimeProvider _time;
    private readonly TimeSpan _finishTime;
    private readonly bool _endsEarly;
    private bool _writeClosed;

    /// <summary>A stream that offers one protocol.</summary>
    /// <param name="stream">Owned; nothing was read from it or written to it.</param>
    /// <param name="offer">The protocol.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="finishTime">How long the remote may take to answer when we finish without a token; null: <see cref="DefaultFinishTime"/>.</param>
    /// <param name="answered">Told once, when it is known, whether the remote agreed. Called by whoever reads, writes or closes; must not block.</param>
    /// <param name="endsEarly">Whether the remote takes an <see cref="EarlyEnd"/>.</param>
    public LazyNegotiatedStream(
        IMuxedStream stream, ProtocolId offer, TimeProvider time, TimeSpan? finishTime = null, Action<bool>? answered = null, bool endsEarly = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(offer);
        ArgumentNullException.ThrowIfNull(time);

        _stream = stream;
        _time = time;
        _finishTime = finishTime ?? DefaultFinishTime;
        _endsEarly = endsEarly;
        _handshake = new LazyHandshake(stream, offer, answered);
        _input = new LazyReader(stream.Input, _handshake);
        _output = new LazyWriter(stream.Output, _handshake, FinishAsync);
    }

    /// <summary>Sends the proposal without waiting for something to be written or read: for a protocol whose initiator reads first.</summary>
    /// <param name="cancellationToken">Ends the wait for a place in the send queue.</param>
    public ValueTask ProposeAsync(CancellationToken cancellationToken) => _handshake.SendProposalAsync(cancellationToken);

    /// <inheritdoc/>
    public long Id => _stream.Id;

    /// <inheritdoc/>
    public Direction Direction => _stream.Direction;

    /// <inheritdoc/>
    public PipeReader Input => _input;

    /// <inheritdoc/>
    public PipeWriter Output => _output;

    /// <inheritdoc/>
    public EndReason? End => _stream.End;

    /// <inheritdoc/>
    public CancellationToken Aborted => _stream.Aborted;

    /// <inheritdoc/>
    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        if (_writeClosed)
        {
            return;
        }

        if (!_output.IsCompleted)
        {
            await _output.FlushToCloseAsync(cancellationToken);
        }

        if (!_endsEarly && !_handshake.IsConfirmed && _stream.End is null)
        {
            await _handshake.ConfirmAsync(cancellationToken);
        }

        await _stream.CloseWriteAsync(cancellationToken);
        _writeClosed = true;
    }

    /// <inheritdoc/>
    public void CloseRead(ErrorCode code)
    {
        _handshake.GiveUpReading();
        _stream.CloseRead(code);
    }

    /// <inheritdoc/>
    public void Reset(EndReason reason) => _stream.Reset(reason);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_stream.End is null)
            {
                await FinishAsync(isConfirmed: true);
            }
        }
        catch (Libp2pException)
        {
            // The stream has been reset, for a reason it keeps; whoever disposes of it has no use for the exception.
        }
        finally
        {
            await _stream.DisposeAsync();
        }
    }

    private ValueTask FinishAsync() => FinishAsync(isConfirmed: !_endsEarly);

    /// <summary>Ends our direction in order, where no token bounds the wait for the remote's answer.</summary>
    private async ValueTask FinishAsync(bool isConfirmed)
    {
        if (_writeClosed && (_handshake.IsConfirmed || !isConfirmed))
        {
            return; // nothing is waited for, so no clock is started
        }

        using Deadline deadline = Deadline.Start(_finishTime, _time, CancellationToken.None);

        try
        {
            await CloseWriteAsync(deadline.Token);
            if (isConfirmed && _stream.End is null)
            {
                await _handshake.ConfirmAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException canceled)
        {
            DeadlineExceededException exceeded = deadline.Exceeded("The answer to a proposal that rode on the first message", canceled);
            _stream.Reset(exceeded.Reason);
            throw exceeded;
        }
    }
}
