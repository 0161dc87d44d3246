using System.ComponentModel;

namespace Libp2p;

/// <summary>The shapes of the declaration model (docs/declarations.md).</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public enum OperationShape
{
    /// <summary>One request, one response.</summary>
    Unary,

    /// <summary>One message to the responder.</summary>
    Push,

    /// <summary>One message from the responder.</summary>
    Pull,

    /// <summary>At most one request, then responses.</summary>
    ServerStream,

    /// <summary>Requests, then at most one response.</summary>
    ClientStream,

    /// <summary>Messages both ways, freely.</summary>
    Duplex,

    /// <summary>Typed messages in an agreed order.</summary>
    Dialogue,

    /// <summary>Bytes.</summary>
    Raw,

    /// <summary>One message from the initiator, then typed messages in an agreed order.</summary>
    FirstThenDialogue,

    /// <summary>One message from the initiator, then bytes.</summary>
    FirstThenRaw,
}
