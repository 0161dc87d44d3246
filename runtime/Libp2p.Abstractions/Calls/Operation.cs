using Libp2p.Connections;
using Libp2p.Telemetry;

namespace Libp2p;

/// <summary>One operation of a protocol, as declared: what the generator makes of one member of the interface. Immutable.</summary>
public abstract class Operation
{
    /// <summary>The member's name without <c>Async</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What <see cref="IdAttribute"/> appends to the protocol's ids; null: the operation uses them as they are.</summary>
    public string? IdSuffix { get; init; }

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
    public ConnectionRule Connection { get; init; } = ConnectionRule.Default;

    /// <summary>The name of the policy that admits callers (<see cref="AccessAttribute"/>); null: anyone.</summary>
    public string? AccessPolicy { get; init; }

    /// <summary>Exceptions and the codes that stand for them (<see cref="ResetCodeAttribute"/>), the closest type first.</summary>
    public IReadOnlyList<ResetCode> ResetCodes { get; init; } = [];

    /// <summary>Long-lived streams that we keep open to each peer (<see cref="PerPeerAttribute"/>); null: a stream a call.</summary>
    public int? PerPeer { get; init; }

    /// <summary>Whether the initiator writes before the responder does, so that negotiation may ride on its first message.</summary>
    public virtual bool InitiatorWritesFirst => true;
}

/// <summary>An operation of the protocol <typeparamref name="T"/>.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
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

    /// <summary>As <see cref="HandleAsync"/>, seen by the node's telemetry; what fails with a declared code resets the stream with it.</summary>
    internal async ValueTask ServeAsync(T handler, P2PStream stream, OperationSettings settings, CancellationToken cancellationToken)
    {
        CallMeter? meter = stream.Meter = CallMeter.For(stream.Connection?.Telemetry, this, settings, Direction.Inbound, stream.Time);
        if (settings.Request.ReuseIdle is null)
        {
            meter?.Begin();
        }

        try
        {
            await HandleAsync(handler, stream, settings, cancellationToken);
            meter?.End(null);
        }
        catch (Exception e)
        {
            meter?.End(e);
            if (!stream.IsDetached && ResetCode.Of(ResetCodes, e) is { } code)
            {
                stream.Reset(new EndReason(EndedBy.Local, code, e.Message, e));
            }

            throw;
        }
    }
}

/// <summary>An operation as one protocol value binds it: ids with their parameters, limits as overridden. Immutable.</summary>
/// <param name="Request">What its client asks an opener for; holds ids, limits and connection rule.</param>
public sealed record OperationSettings(StreamRequest Request)
{
    /// <summary>The ids, in order of preference.</summary>
    public IReadOnlyList<ProtocolId> Ids => Request.Protocols;

    /// <summary>The bounds in force.</summary>
    public OperationLimits Limits => Request.Limits;
}
