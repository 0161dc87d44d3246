namespace Libp2p;

/// <summary>
/// One stream carries many exchanges of the protocol, one after another (ping, kad). A responder loops until the end of the
/// stream; an initiator keeps an idle stream and uses it again. A reused stream that fails before a byte of the response is
/// replaced by a fresh one, once.
/// </summary>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ReuseAttribute : Attribute
{
    /// <summary>Seconds after which an idle stream is no longer used by the initiator. Default 5.</summary>
    public int IdleSeconds { get; set; } = 5;
}

/// <summary>A long-lived stream per peer and direction, re-opened with back-off when it breaks (gossipsub, bitswap).</summary>
/// <param name="count">Streams per peer and direction.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PerPeerAttribute(int count) : Attribute
{
    /// <summary>Streams per peer and direction.</summary>
    public int Count { get; } = count;

    /// <summary>Which stream survives when the remote opens one more.</summary>
    public Replace Replace { get; set; }
}

/// <summary>Which of too many streams survives.</summary>
public enum Replace
{
    /// <summary>The newest: the oldest is reset.</summary>
    Newest,

    /// <summary>The oldest: the new one is reset.</summary>
    Oldest,
}

/// <summary>On what kind of connection a protocol or operation may run, in either direction.</summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class ConnectionAttribute : Attribute
{
    /// <summary>Whether it runs over limited (relayed) connections. Default: refused.</summary>
    public LimitedConnections Limited { get; set; } = LimitedConnections.Refuse;

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

    /// <summary>Only on a limited connection (DCUtR).</summary>
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

/// <summary>Who may call a protocol or operation.</summary>
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
