namespace Libp2p.Node;

/// <summary>What is thrown where the node's end cuts something off.</summary>
internal static class NodeClosing
{
    /// <summary>The reason.</summary>
    public static EndReason Reason(Exception? cause = null) => new(EndedBy.Local, ErrorCode.Shutdown, "The node is closing", cause);

    /// <summary>The exception.</summary>
    public static ConnectionClosedException Exception(Exception? cause = null) => new("The node is closing", Reason(cause));
}
