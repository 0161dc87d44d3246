using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p.Connections;

/// <summary>
/// Opens streams to one peer: over one connection, or over the best there is. What a generated client stands on. Thread-safe.
/// </summary>
public interface IStreamOpener
{
    /// <summary>The peer that the streams lead to, for messages; null where it is not known.</summary>
    PeerId? Peer => null;

    /// <summary>The clock for every deadline on the streams.</summary>
    TimeProvider Time { get; }

    /// <summary>Where the node's continuations run: each call of a client leaves its caller's context for it.</summary>
    NodeScheduler Scheduler { get; }

    /// <summary>Jitter for streams that are opened again.</summary>
    IRandomSource Random { get; }

    /// <summary>Where calls are measured; null: nowhere.</summary>
    NodeTelemetry? Telemetry => null;

    /// <summary>Opens a stream and agrees on one of the operation's ids.</summary>
    /// <param name="request">Ids, limits and what connection will do.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing of it is left behind.</param>
    /// <returns>A stream that the caller owns.</returns>
    /// <exception cref="ProtocolNotSupportedException">The peer supports none of the ids.</exception>
    /// <exception cref="DialException">The peer cannot be reached.</exception>
    ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken);

    /// <summary>Gives back a stream of an operation with reuse, idle between two exchanges. It is the opener's from now on.</summary>
    void Return(P2PStream stream, StreamRequest request);

    /// <summary>
    /// Starts work that keeps streams of this opener open. Its token is cancelled when the connection or the node ends, which then
    /// waits for it. It handles its own failures.
    /// </summary>
    /// <returns>False where the connection or the node has ended; nothing was started.</returns>
    bool TryRun(Func<CancellationToken, Task> work);

    /// <summary>
    /// Takes over application code that did not end with its call: an enumerable given to a call whose next item does not come, or the
    /// disposal of one. The node lists and counts it until it has returned and was disposed of, and waits for it no longer than for its
    /// own closing. By default nothing is counted.
    /// </summary>
    /// <param name="work">Ends when the code has returned and what it held was disposed of. Never fails.</param>
    /// <param name="what">Names it: the operation, and what of it.</param>
    /// <returns>False where as much was left behind as may be; the call then waits for the work itself.</returns>
    bool TryAbandon(Task work, string what) => true;
}

/// <summary>What stream is wanted.</summary>
/// <param name="Protocols">Ids, in order of preference; at least one.</param>
public sealed record StreamRequest(IReadOnlyList<ProtocolId> Protocols)
{
    /// <summary>Bounds of the operation.</summary>
    public OperationLimits Limits { get; init; } = OperationLimits.Default;

    /// <summary>What connection will do.</summary>
    public ConnectionRequirement Connection { get; init; } = ConnectionRequirement.Default;

    /// <summary>
    /// How long a stream given back may be used again; null: each exchange takes a fresh one, and zero the same, although its
    /// responder would take another request.
    /// </summary>
    public TimeSpan? ReuseIdle { get; init; }

    /// <summary>The operation, where several share the ids and the streams of each are counted apart; null: all streams of the ids count.</summary>
    public string? Operation { get; init; }

    /// <summary>Whether the initiator writes first, so that negotiation may ride on its first message.</summary>
    public bool InitiatorWritesFirst { get; init; } = true;

    /// <summary>The same request, for a stream that nobody used before.</summary>
    public StreamRequest Fresh() => ReuseIdle is null ? this : this with { ReuseIdle = null };
}
