using System.ComponentModel;

namespace Libp2p;

/// <summary>What the node hands an inbound stream to: made of a protocol and its implementation, or written by hand for bytes.</summary>
public abstract class StreamHandler
{
    /// <summary>The ids it serves and the node announces.</summary>
    public abstract IReadOnlyList<ProtocolId> Ids { get; }

    /// <summary>Whether it also serves ids that <see cref="Matches"/> takes.</summary>
    public virtual bool HasPredicate => false;

    /// <summary>Whether it serves an id that nobody registered exactly. Asked in the order of registration.</summary>
    public virtual bool Matches(ProtocolId id) => false;

    /// <summary>Its bounds.</summary>
    public virtual OperationLimits Limits => OperationLimits.Default;

    /// <summary>What connection it runs on.</summary>
    public virtual ConnectionRequirement Connection => ConnectionRequirement.Default;

    /// <summary>The name of the policy that admits callers (<see cref="AccessAttribute"/>); null: anyone.</summary>
    public virtual string? AccessPolicy => null;

    /// <summary>Exchanges that it refused because their first message is for none of the operations that share its ids.</summary>
    public virtual long UnknownMessages => 0;

    /// <summary>
    /// Serves one stream. Returning finishes the stream, throwing resets it; a detached one belongs to whoever detached it.
    /// </summary>
    /// <param name="stream">Lent, unless it is detached.</param>
    /// <param name="cancellationToken">The connection or the node is going.</param>
    public abstract ValueTask HandleAsync(P2PStream stream, CancellationToken cancellationToken);
}

/// <summary>Gives the implementation that serves a stream: always the same, or one of a scope per call.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IHandlerActivator<T>
    where T : class
{
    /// <summary>The implementation for a stream. What throws resets the stream, and nothing of the attempt is left behind.</summary>
    ValueTask<HandlerActivation<T>> ActivateAsync(P2PStream stream);
}

/// <summary>An implementation, for the time of one stream.</summary>
/// <typeparam name="T">The declared interface.</typeparam>
/// <param name="Handler">The implementation.</param>
/// <param name="Scope">Disposed of when the stream is done; null where the implementation outlives it.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly record struct HandlerActivation<T>(T Handler, IAsyncDisposable? Scope)
    where T : class;

internal sealed class SingleInstance<T>(T implementation) : IHandlerActivator<T>
    where T : class
{
    public T Implementation => implementation;

    public ValueTask<HandlerActivation<T>> ActivateAsync(P2PStream stream) => new(new HandlerActivation<T>(implementation, null));
}
