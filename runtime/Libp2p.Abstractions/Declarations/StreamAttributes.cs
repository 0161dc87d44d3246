namespace Libp2p;

/// <summary>
/// One stream carries many exchanges of the protocol, one after another (ping, kad). A responder loops until the end of the
/// stream; an initiator keeps an idle stream and uses it again. A kept stream that has ended before the request is sent is replaced by a
/// fresh one. One that fails later, before a byte of the response, is replaced only where the request may be sent twice
/// (<see cref="IdempotentAttribute"/>, <see cref="CallContext.MayRepeat"/>), once.
/// </summary>
/// <remarks>
/// Shapes 1 and 2: a pull has no request by which a responder could tell that another reply is wanted. An initiator does not half-close
/// after a request. A push takes a fresh stream and ends it: nothing would tell that a stale one swallowed it, and a refusal would strike
/// the next exchange. So does a unary call with an optional reply that is not idempotent: only on a fresh stream does an end without a
/// reply mean that there is none.
/// </remarks>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ReuseAttribute : Attribute
{
    /// <summary>
    /// Seconds after which an idle stream is no longer used by the initiator. Default 5; 0: each exchange takes a fresh stream, while a
    /// responder loops all the same (ping). <see cref="Seconds.Unbounded"/>: it is kept as long as its connection.
    /// </summary>
    public int IdleSeconds { get; set; } = 5;
}

/// <summary>
/// A long-lived outbound stream to each peer, over whichever of its connections, re-opened with back-off when it breaks (gossipsub,
/// bitswap). How many streams a peer may have open towards us is <see cref="LimitsAttribute.InboundPerPeer"/>.
/// </summary>
/// <remarks>
/// Shape 5 without a result, and shape 6. The generated opener has an overload with what goes first on every stream, the first and each
/// that is re-opened: <c>OpenXAsync(Func&lt;ProtocolId, IEnumerable&lt;Q&gt;&gt; hello, CallContext context = default)</c>, called with the id
/// agreed on it; in shape 6 it takes the messages too, and returns what the responder sends over all streams. While there is no stream a
/// writer waits; what a breaking stream had accepted is lost (docs/declarations.md, "A stream per peer").
/// </remarks>
/// <param name="count">Outbound streams per peer.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PerPeerAttribute(int count) : Attribute
{
    /// <summary>Outbound streams per peer.</summary>
    public int Count { get; } = count;
}

/// <summary>
/// On what kind of connection a protocol or operation may run, in either direction. What a member does not set is the interface's, and
/// else the default.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class ConnectionAttribute : Attribute
{
    /// <summary>Whether it runs over connections whose relay limits their time and bytes. Default: refused.</summary>
    public LimitedConnections Limited { get; set; } = LimitedConnections.Refuse;

    /// <summary>Whether it runs over relayed connections, limited or not. Default: as <see cref="Limited"/> says.</summary>
    public RelayedConnections Relayed { get; set; }

    /// <summary>Which end must have opened the connection, as the stream's initiator sees it.</summary>
    public ConnectionOpener OpenedBy { get; set; }
}

/// <summary>A rule for limited connections.</summary>
public enum LimitedConnections
{
    /// <summary>Not on a limited connection.</summary>
    Refuse,

    /// <summary>On any connection.</summary>
    Allow,
}

/// <summary>A rule for relayed connections, whether or not the relay limits them.</summary>
public enum RelayedConnections
{
    /// <summary>On direct ones, and on relayed ones that <see cref="ConnectionAttribute.Limited"/> lets pass.</summary>
    Allow,

    /// <summary>On direct ones only: what is observed over a relay is the relay (AutoNAT, relay hop and stop, perf).</summary>
    Refuse,

    /// <summary>On relayed ones only, limited or not (DCUtR).</summary>
    Require,
}

/// <summary>Which end opened the connection that carries a stream.</summary>
public enum ConnectionOpener
{
    /// <summary>Either end.</summary>
    Either,

    /// <summary>The stream's initiator dialled the connection.</summary>
    Dialer,

    /// <summary>The stream's initiator accepted the connection (DCUtR).</summary>
    Listener,
}

/// <summary>
/// Who may call a protocol or operation. On a member it takes the place of the interface's: <c>[Access]</c> alone opens the member to
/// anyone, whatever the interface says.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class AccessAttribute : Attribute
{
    /// <summary>The name of a policy registered with the node; null: anyone.</summary>
    public string? Policy { get; set; }
}

/// <summary>
/// Maps an exception that a handler throws to the code its stream is reset with, and that code back to the exception on the
/// initiator's side. Best effort: not every implementation and muxer carries codes, so an expected outcome belongs in a message.
/// </summary>
/// <remarks>
/// A member's come before the interface's. There is only the code on the wire, so over both each code stands for one type; a member may
/// give a type of the interface another code.
/// </remarks>
/// <param name="code">The application's code, 0x10000 or above.</param>
/// <param name="exception">The type of the exception; derived types match too.</param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true)]
public sealed class ResetCodeAttribute(uint code, Type exception) : Attribute
{
    /// <summary>The code.</summary>
    public uint Code { get; } = code;

    /// <summary>The exception's type.</summary>
    public Type Exception { get; } = exception;
}
