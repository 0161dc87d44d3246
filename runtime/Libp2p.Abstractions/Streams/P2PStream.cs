using System.ComponentModel;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>
/// A stream on which a protocol was agreed: a muxed stream, its protocol, its connection and its leases. Its three ends are three
/// things: <see cref="CloseWriteAsync"/> ends our direction, <see cref="CloseRead"/> refuses the other, <see cref="Reset(ErrorCode)"/>
/// ends both at once.
/// </summary>
/// <remarks>
/// <para>A handler's stream is finished when the handler returns and reset when it throws, unless <see cref="Detach"/> moved it out. An
/// opened stream belongs to its opener, who disposes of it. One reader and one writer at a time; closing is thread-safe.</para>
/// <para>An opened stream is complete when our direction was ended (<see cref="CloseWriteAsync"/>, or completing <see cref="Output"/>
/// without an exception), or when the end of the remote's direction was read and nothing was written after that. Disposing of it earlier
/// resets it with <see cref="ErrorCode.Cancelled"/>, so that a half upload does not pass for a whole one. A stream that a handler detached
/// ends in order; who has it resets it where what was written is not whole.</para>
/// </remarks>
public sealed class P2PStream : IDuplexPipe, IAsyncDisposable
{
    private static readonly EndReason s_abandoned = new(
        EndedBy.Local, ErrorCode.Cancelled, "The stream was disposed of before our direction was ended (CloseWriteAsync)");

    private readonly IMuxedStream _stream;
    private TrackedReader? _input;
    private TrackedWriter? _output;
    private UnreadReader? _unread; // in place of the muxed stream's input
    private IDisposable? _lease;
    private IStreamUser? _user;
    private bool _isLent; // to a handler, whose return or exception ends it
    private volatile bool _isWriteEnded;
    private volatile bool _isReadToEnd; // and nothing was written since

    /// <summary>A stream over a muxed one.</summary>
    /// <param name="stream">Owned.</param>
    /// <param name="protocol">The agreed id.</param>
    /// <param name="connection">What carries it, or null for a pair in memory.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="lease">Owned; disposed of when the stream is. Null: its memory and its place are not counted.</param>
    public P2PStream(IMuxedStream stream, ProtocolId protocol, IPeerConnection? connection, TimeProvider time, IStreamLease? lease = null)
    {
        _stream = stream;
        Protocol = protocol;
        Connection = connection;
        Time = time;
        _lease = lease;
        Lease = lease;
        lease?.Attach(this);
    }

    /// <summary>The agreed id.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>What carries it, or null for a pair in memory.</summary>
    public IPeerConnection? Connection { get; }

    /// <summary>The peer at the other end, or null for a pair in memory.</summary>
    public PeerId? RemotePeer => Connection?.RemotePeer;

    /// <summary>Which end opened it.</summary>
    public Direction Direction => _stream.Direction;

    /// <summary>The muxer's number of it.</summary>
    public long Id => _stream.Id;

    /// <summary>The clock for every deadline on it.</summary>
    public TimeProvider Time { get; }

    /// <summary>Its place in the node's ledger; null for a pair in memory. It ends with the stream.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public IStreamLease? Lease { get; }

    /// <summary>Where the node's continuations run; null for a pair in memory.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public NodeScheduler? Scheduler { get; init; }

    /// <summary>Where the calls on it are measured; null: nowhere.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public NodeTelemetry? Telemetry { get; init; }

    /// <summary>What the remote sends. Fails with <see cref="StreamResetException"/> or <see cref="ConnectionClosedException"/>.</summary>
    public PipeReader Input => _input ??= new TrackedReader(this);

    /// <summary>What is sent to the remote. Fails with <see cref="StreamResetException"/> or <see cref="ConnectionClosedException"/>.</summary>
    public PipeWriter Output => _output ??= new TrackedWriter(this);

    /// <summary>The input as the call engine reads it.</summary>
    internal PipeReader MessageInput => _unread ?? _stream.Input;

    /// <summary>The output as the call engine writes it.</summary>
    internal PipeWriter MessageOutput => _stream.Output;

    /// <summary>Why it ended; null while either direction is open.</summary>
    public EndReason? End => _stream.End;

    /// <summary>Cancelled when it is reset by either end or its connection has ended; not by an orderly close.</summary>
    public CancellationToken Aborted => _stream.Aborted;

    /// <summary>
    /// Whether the protocol was not agreed but taken from what is known of the peer, to save a round trip: if the peer refuses it
    /// after all, <see cref="ProtocolNotSupportedException"/> comes with the first read, with a flush or with closing.
    /// </summary>
    public bool IsOptimistic { get; init; }

    /// <summary>Whether an exchange was completed on it before: the remote may have ended it since.</summary>
    public bool IsReused { get; internal set; }

    /// <summary>The operation that it runs, as far as that is known: on an id that operations share, once a first message has come.</summary>
    public string? Operation { get; internal set; }

    /// <summary>Whether its responder waits for a further request (<see cref="ReuseAttribute"/>): no exchange runs on it.</summary>
    public bool IsBetweenExchanges => _user is { IsBetweenExchanges: true };

    /// <summary>Whether <see cref="Detach"/> was called.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>
    /// Moves the ownership, unread bytes included, from the handler to the caller: the handler's return and its time limits no
    /// longer apply, and the leases go with the stream.
    /// </summary>
    /// <returns>This stream, which the caller now disposes of.</returns>
    public P2PStream Detach()
    {
        IsDetached = true;
        _isLent = false;
        return this;
    }

    /// <summary>Flushes, and ends our direction. Idempotent. Reading goes on.</summary>
    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken = default)
    {
        await Enter();
        try
        {
            await EndWriteAsync(cancellationToken);
        }
        catch (Libp2pException e)
        {
            throw Explain(e);
        }
    }

    /// <summary>Reads no more; writing goes on. Idempotent.</summary>
    public void CloseRead(ErrorCode code = default) => _stream.CloseRead(code);

    /// <summary>Ends both directions at once, as our application's wish. Idempotent.</summary>
    public void Reset(ErrorCode code = default) => Reset(new EndReason(EndedBy.Local, code, "Reset by the application"));

    /// <summary>Ends both directions at once; the first reason wins and is kept. Idempotent.</summary>
    public void Reset(EndReason reason) => _stream.Reset(reason);

    /// <summary>
    /// Ends what is still open, waits until nothing of the stream is running, then returns its leases. A stream that is complete ends in
    /// order, an opened one that is not is reset with <see cref="ErrorCode.Cancelled"/>. Of a handler's stream it ends nothing: the handler's
    /// return or exception does. Idempotent.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        if (_isLent)
        {
            return ValueTask.CompletedTask;
        }

        bool isOpened = Direction == Direction.Outbound && !IsReused;
        if (isOpened && !_isWriteEnded && !_isReadToEnd)
        {
            Reset(s_abandoned);
        }

        return FinishAsync();
    }

    /// <summary>Ends what is still open: our direction in order, the other by refusing to read. Then as <see cref="DisposeAsync"/>.</summary>
    internal async ValueTask FinishAsync()
    {
        await Enter();
        try
        {
            await _stream.DisposeAsync();
        }
        finally
        {
            Interlocked.Exchange(ref _lease, null)?.Dispose(); // however the stream ended, its places are free
        }
    }

    /// <summary>Where memory for its messages is counted; null: nowhere.</summary>
    internal IResourceScope? Scope => Lease;

    /// <summary>Leaves the caller's context for the node's scheduler.</summary>
    internal NodeScheduler.Entry Enter() => new(Scheduler);

    /// <summary>Flushes, and ends our direction.</summary>
    internal async ValueTask EndWriteAsync(CancellationToken cancellationToken)
    {
        await _stream.CloseWriteAsync(cancellationToken);
        _isWriteEnded = true;
    }

    /// <summary>A handler has it until <see cref="TakeBack"/> or <see cref="Detach"/>: disposing of it ends nothing.</summary>
    internal void Lend() => _isLent = true;

    /// <summary>The handler is done.</summary>
    internal void TakeBack() => _isLent = false;

    /// <summary>The application has read everything that the remote sends.</summary>
    internal void OnReadToEnd() => _isReadToEnd = true;

    /// <summary>Something was written by the application.</summary>
    internal void OnWritten()
    {
        _isReadToEnd = false; // what is written after the remote's end is complete only with an end of its own
        OnPassed();
    }

    /// <summary>The application completed the output.</summary>
    internal void OnWriteEnded(Exception? cause) => _isWriteEnded |= cause is null;

    /// <summary>A failure as the application sees it: with the protocol and the peer, and as a cancellation where its token ended the stream.</summary>
    internal Exception Explain(Libp2pException thrown)
    {
        _user?.OnHandlersFailure(thrown);
        return _user is { } user && user.TryExplainGivenUp(thrown, out Exception? givenUp) ? givenUp : CallFailure.Named(thrown, CallFailure.Subject(Protocol, RemotePeer));
    }

    /// <summary>Puts bytes back that were read from it, before they are read again.</summary>
    internal void Unread(byte[] bytes) => _unread = new UnreadReader(MessageInput, bytes);

    /// <summary>Whether nothing more has arrived, and the remote may send more: between two exchanges nothing is due. For its one reader.</summary>
    internal bool IsSilent()
    {
        try
        {
            if (!MessageInput.TryRead(out ReadResult result))
            {
                return true;
            }

            MessageInput.AdvanceTo(result.Buffer.Start);
            return result.Buffer.IsEmpty && !result.IsCompleted;
        }
        catch (Libp2pException)
        {
            return false;
        }
    }

    /// <summary>Takes over a lease, which ends with the stream, wherever it is detached to. Before the stream is shared.</summary>
    internal void Own(IDisposable lease) => _lease = _lease is { } first ? new Leases(first, lease) : lease;

    /// <summary>What runs on it from now on. Before it is shared.</summary>
    internal void Use(IStreamUser user) => _user = user;

    /// <summary>The application read or wrote something.</summary>
    internal void OnPassed() => _user?.OnPassed();

    /// <inheritdoc/>
    public override string ToString() => $"{Protocol} stream {Id} ({Direction})";

    private sealed class Leases(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            second.Dispose();
            first.Dispose();
        }
    }
}
