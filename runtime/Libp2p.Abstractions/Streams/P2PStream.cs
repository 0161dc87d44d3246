using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>
/// A stream on which a protocol was agreed: a muxed stream, its protocol, its connection and its leases. Its three ends are three
/// things: <see cref="CloseWriteAsync"/> ends our direction, <see cref="CloseRead"/> refuses the other, <see cref="Reset(ErrorCode)"/>
/// ends both at once.
/// </summary>
/// <remarks>
/// A handler's stream is finished when the handler returns and reset when it throws, unless <see cref="Detach"/> moved it out. An
/// opened stream belongs to whoever opened it and is disposed of by them. One reader and one writer at a time; closing is thread-safe.
/// </remarks>
public sealed class P2PStream : IDuplexPipe, IAsyncDisposable
{
    private readonly IMuxedStream _stream;
    private PipeReader? _input;   // in place of the muxed stream's
    private PipeWriter? _output;
    private IDisposable? _lease;

    /// <summary>A stream over a muxed one.</summary>
    /// <param name="stream">Owned.</param>
    /// <param name="protocol">The agreed id.</param>
    /// <param name="connection">What carries it, or null for a pair in memory.</param>
    /// <param name="time">The node's clock.</param>
    /// <param name="lease">Owned; disposed of when the stream is.</param>
    /// <param name="scope">Where memory for its messages is counted; lent, and ends with the lease. Null: nowhere.</param>
    public P2PStream(
        IMuxedStream stream, ProtocolId protocol, IPeerConnection? connection, TimeProvider time, IDisposable? lease = null, IResourceScope? scope = null)
    {
        _stream = stream;
        Protocol = protocol;
        Connection = connection;
        Time = time;
        _lease = lease;
        Scope = scope;
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

    /// <inheritdoc/>
    public PipeReader Input => _input ?? _stream.Input;

    /// <inheritdoc/>
    public PipeWriter Output => _output ?? _stream.Output;

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

    /// <summary>Whether its responder waits for a further request (<see cref="ReuseAttribute"/>): no exchange runs on it.</summary>
    public bool IsBetweenExchanges { get; internal set; }

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
        return this;
    }

    /// <summary>Flushes, and ends our direction. Idempotent. Reading goes on.</summary>
    public ValueTask CloseWriteAsync(CancellationToken cancellationToken = default) => _stream.CloseWriteAsync(cancellationToken);

    /// <summary>Reads no more; writing goes on. Idempotent.</summary>
    public void CloseRead(ErrorCode code = default) => _stream.CloseRead(code);

    /// <summary>Ends both directions at once, as our application's wish. Idempotent.</summary>
    public void Reset(ErrorCode code = default) => Reset(new EndReason(EndedBy.Local, code, "Reset by the application"));

    /// <summary>Ends both directions at once; the first reason wins and is kept. Idempotent.</summary>
    public void Reset(EndReason reason) => _stream.Reset(reason);

    /// <summary>
    /// Ends what is still open: our direction in order, the other by refusing to read. Waits until nothing of the stream is
    /// running, then returns its leases. Idempotent.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
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
    internal IResourceScope? Scope { get; }

    /// <summary>Puts bytes back that were read from it, before whoever is to read them takes the input.</summary>
    internal void Unread(byte[] bytes) => _input = new UnreadReader(Input, bytes);

    /// <summary>Whether nothing more has arrived, and the remote may send more: between two exchanges nothing is due. For its one reader.</summary>
    internal bool IsSilent()
    {
        try
        {
            if (!Input.TryRead(out ReadResult result))
            {
                return true;
            }

            Input.AdvanceTo(result.Buffer.Start);
            return result.Buffer.IsEmpty && !result.IsCompleted;
        }
        catch (Libp2pException)
        {
            return false;
        }
    }

    /// <summary>What measures the calls that it serves; null where nobody listens.</summary>
    internal CallMeter? Meter { get; set; }

    /// <summary>Takes over a lease, which ends with the stream, wherever it is detached to. Before the stream is shared.</summary>
    internal void Own(IDisposable lease) => _lease = _lease is { } first ? new Leases(first, lease) : lease;

    /// <summary>Tells the exchange of each byte that passes, for its idle time. Before whoever is to be watched takes input and output.</summary>
    internal void Watch(Exchange exchange)
    {
        _input = new WatchedReader(_stream.Input, exchange);
        _output = new WatchedWriter(_stream.Output, exchange);
    }

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
