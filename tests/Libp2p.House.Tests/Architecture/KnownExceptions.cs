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
        ("Node.Parts.NodeEventBus", "Node.State.SubscriptionState"),
        ("Node.Dialing.*", "Node.State.DialState"),
        ("Node.Dialing.*", "Node.State.DialAddressState"),
        ("Node.Dialing.*", "Node.State.DialAttemptsState"),
        ("Node.Handlers.HandlerTable", "Node.State.UnknownMessagesState"),

        // Whether an address begins with a name is a question to the address.
        ("Node.Listening.Listeners", "Node.Dialing.AddressResolver"),

        // To be given a log of its own, and the exception of an ended node a place below the node.
        ("Node.Parts.ShutdownSequence", "Node.Connections.ConnectionLog"),
        ("Node.Dialing.KeptPeers", "Node.Libp2pNode"),

        // The instruments tell an upgrade that was cancelled from one that failed.
        ("Telemetry.NodeInstruments", "Connections.UpgradeCanceledException"),
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
    };

    public static bool Covers((string From, string To) exception, SourceReference reference) =>
        Matches(exception.From, reference.FromFolder, reference.From) && reference.ToFolders.Any(folder => Matches(exception.To, folder, reference.To));

    private static bool Matches(string pattern, string folder, string type)
    {
        string dotted = folder.Replace('/', '.');
        return pattern == $"{dotted}.{type}" || pattern == $"{dotted}.*";
    }
}
