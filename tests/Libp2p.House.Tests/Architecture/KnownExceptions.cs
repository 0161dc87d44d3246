namespace Libp2p.House.Tests.Architecture;

/// <summary>
/// References of today's code against the allowed directions, each with what is to change. Nothing is added here without a reason; what
/// is no longer needed fails the test until it is removed.
/// </summary>
internal static class KnownExceptions
{
    /// <summary>From and to are a folder with dots and a type; <c>*</c> stands for any type of the folder, or for any at all.</summary>
    public static IReadOnlyList<(string From, string To)> All { get; } =
    [
        // Data about a part belongs beside the part: the reader of the node's state is above, these records are not.
        ("Node.Dialing.*", "Node.State.DialState"),
        ("Node.Dialing.*", "Node.State.DialAddressState"),
        ("Node.Dialing.*", "Node.State.DialAttemptsState"),
        ("Node.Handlers.HandlerTable", "Node.State.UnknownMessagesState"),
        ("Node.Streams.InboundGates", "Node.State.InboundGateState"),
        ("Node.Streams.OutboundGates", "Node.State.OutboundGateState"),

        // NodeParts holds what all parts share and, beside it, parts themselves (handlers, gates): each part should be given what it uses.
        ("Node.Streams.*", "Node.NodeParts"),
        ("Node.Connections.*", "Node.NodeParts"),
        ("Node.Dialing.*", "Node.NodeParts"),
        ("Node.Listening.*", "Node.NodeParts"),

        // Options, events, owned tasks and the order of closing lie beside the node that composes all, and are used below it.
        ("Node.Streams.*", "Node.NodeOptions"),
        ("Node.Streams.*", "Node.NodeEventBus"),
        ("Node.Streams.*", "Node.OwnedWork"),
        ("Node.Connections.*", "Node.NodeOptions"),
        ("Node.Connections.*", "Node.NodeEventBus"),
        ("Node.Connections.*", "Node.OwnedWork"),
        ("Node.Connections.*", "Node.ShutdownSequence"),
        ("Node.Dialing.*", "Node.NodeOptions"),
        ("Node.Listening.*", "Node.NodeOptions"),
        ("Node.Listening.*", "Node.NodeEventBus"),
        ("Node.Listening.*", "Node.ShutdownSequence"),

        // Only for nameof, in the message of an exception.
        ("Node.Listening.Listeners", "Node.Libp2pNode"),

        // The streams of a connection call back into it; they need its identity, its leases and its muxer.
        ("Node.Streams.InboundStreams", "Node.Connections.PeerConnection"),
        ("Node.Streams.OutboundStreams", "Node.Connections.PeerConnection"),
        ("Node.Streams.ProtocolMemory", "Node.Connections.PeerConnection"),
        ("Node.Streams.*", "Node.Connections.ConnectionLog"),

        // The lease of a connection is handed to the upgrader, which reports its stages to it: the contract belongs below both.
        ("Limits.ConnectionLease", "Connections.IUpgradeProgress"),

        // Instruments are fed by the engine; these read it.
        ("Telemetry.NodeInstruments", "Connections.UpgradeCanceledException"),
        ("Telemetry.NodeInstruments", "Node.Connections.PeerConnection"),
        ("Telemetry.TransportBytes", "Node.Connections.PeerConnection"),
    ];

    /// <summary>Names that two types of the shipped libraries share.</summary>
    public static IReadOnlySet<string> SharedNames { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        // Messages of the specs' schemas keep the specs' names; their namespaces tell them from the runtime's types.
        "DialRequest",
        "PeerInfo",

        // One source file, compiled into both libraries: internal there and here.
        "ProtobufFieldReader",
        "ProtobufFieldWriter",
        "ProtobufWire",

        // To be renamed: Yamux's frames, and the waits of either library.
        "FrameReader",
        "FrameWriter",
        "Tasks",
    };

    public static bool Covers((string From, string To) exception, SourceReference reference) =>
        Matches(exception.From, reference.FromFolder, reference.From) && reference.ToFolders.Any(folder => Matches(exception.To, folder, reference.To));

    private static bool Matches(string pattern, string folder, string type)
    {
        string dotted = folder.Replace('/', '.');
        return pattern == $"{dotted}.{type}" || pattern == $"{dotted}.*";
    }
}
