using System.ComponentModel;
using System.Runtime.CompilerServices;
using Libp2p.Codecs;
using Libp2p.Connections;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>One operation of a protocol, as declared: what the generator makes of one member of the interface. Immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Operation
{
    /// <summary>The member's name without <c>Async</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What <see cref="IdAttribute"/> appends to the protocol's ids; null: the operation uses them as they are.</summary>
    public string? IdSuffix { get; init; }

    /// <summary>
    /// Where operations share an id: what a first message holds that is for this one, as <see cref="ProtocolDefinition{T}.Selector"/> reads it.
    /// </summary>
    public IReadOnlyList<int> Selects { get; init; } = [];

    /// <summary>
    /// The oldest of the protocol's ids that knows the operation (<see cref="SinceAttribute"/>): it is offered and served by this id
    /// and by newer ones only. Null: by all.
    /// </summary>
    public string? Since { get; init; }

    /// <summary>The shape.</summary>
    public abstract OperationShape Shape { get; }

    /// <summary>The declared bounds.</summary>
    public OperationLimits Limits { get; init; } = OperationLimits.Default;

    /// <summary>The declared connection.</summary>
    public ConnectionRequirement Connection { get; init; } = ConnectionRequirement.Default;

    /// <summary>The name of the policy that admits callers (<see cref="AccessAttribute"/>); null: anyone.</summary>
    public string? AccessPolicy { get; init; }

    /// <summary>Exceptions and the codes that stand for them (<see cref="ResetCodeAttribute"/>), the closest type first.</summary>
    public IReadOnlyList<ResetCode> ResetCodes { get; init; } = [];

    /// <summary>Long-lived streams that we keep open to each peer (<see cref="PerPeerAttribute"/>); null: a stream a call.</summary>
    public int? PerPeer { get; init; }

    /// <summary>Whether running it twice is harmless (<see cref="IdempotentAttribute"/>).</summary>
    public bool IsIdempotent { get; init; }

    /// <summary>Whether the initiator writes before the responder does, so that negotiation may ride on its first message.</summary>
    public virtual bool InitiatorWritesFirst => true;
}

/// <summary>An operation of the protocol <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class Operation<T> : Operation
    where T : class
{
    /// <summary>
    /// Serves one inbound stream with the handler: reads, calls, writes, until the exchange, or with reuse the stream, is over. Throws
    /// what the handler threw; the caller then resets the stream.
    /// </summary>
    /// <param name="handler">The implementation.</param>
    /// <param name="stream">Lent, unless the handler detaches it.</param>
    /// <param name="settings">The bounds in force.</param>
    /// <param name="cancellationToken">The connection or the node is going.</param>
    public abstract ValueTask HandleAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken);

    /// <summary>How the one message that it begins with is delimited; null where it does not begin with one, and shares no id.</summary>
    internal virtual MessageFraming? SharedFraming => null;

    /// <summary>Serves one exchange on an id that it shares, after its first message has arrived.</summary>
    /// <returns>Whether the stream is fit for another exchange.</returns>
    internal virtual ValueTask<bool> ServeAsync(T handler, FirstMessage first) => throw new NotSupportedException($"{Name} shares no id.");

    /// <summary>As <see cref="HandleAsync"/>, seen by the node's telemetry; what fails with a declared code resets the stream with it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask ServeWatchedAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        stream.Operation = Name;
        CallMeter? meter = CallMeter.For(stream.Telemetry, Name, settings.Ids[0], Direction.Inbound, stream.Time);
        if (settings.Request.ReuseIdle is null)
        {
            meter?.Begin();
        }

        try
        {
            await HandleAsync(handler, stream, meter is null ? settings : settings with { Meter = meter }, cancellationToken);
            meter?.End(null);
        }
        catch (Exception e)
        {
            Fail(stream, meter, e);
            throw;
        }
    }

    /// <summary>As <see cref="ServeAsync"/>, seen by the node's telemetry; what fails with a declared code resets the stream with it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> ServeWatchedAsync(T handler, FirstMessage first)
    {
        first.Stream.Operation = Name;
        CallMeter? meter = first.Exchange.Meter = CallMeter.For(
            first.Stream.Telemetry, Name, first.Settings.Ids[0], Direction.Inbound, first.Stream.Time);
        meter?.Begin();
        meter?.Received(first.Payload.Length);
        try
        {
            bool isFit = await ServeAsync(handler, first);
            meter?.End(null);
            return isFit;
        }
        catch (Exception e)
        {
            Fail(first.Stream, meter, first.Exchange.TryExplain(e, out Exception? explained) ? explained : e);
            throw;
        }
        finally
        {
            first.Exchange.Meter = null; // the next exchange may be another operation's
        }
    }

    private void Fail(P2PStream stream, CallMeter? meter, Exception cause)
    {
        meter?.End(cause);
        if (!stream.IsDetached && ResetReason.OfDeclared(cause, ResetCodes) is { } reason)
        {
            stream.Reset(reason);
        }
    }
}

/// <summary>An operation as one protocol value binds it: ids with their parameters, limits as overridden. Immutable.</summary>
/// <param name="Request">What its client asks an opener for; holds ids, limits and connection rule.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record OperationSettings(StreamRequest Request)
{
    /// <summary>The ids, in order of preference.</summary>
    public IReadOnlyList<ProtocolId> Ids => Request.Protocols;

    /// <summary>The bounds in force.</summary>
    public OperationLimits Limits => Request.Limits;

    /// <summary>What measures the calls of the one stream that is served with these settings; null where nothing listens.</summary>
    internal CallMeter? Meter { get; init; }
}
