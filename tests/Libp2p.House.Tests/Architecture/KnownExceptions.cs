namespace Libp2p.House.Tests.Architecture;

/// <summary>Exceptions to the rules of names, each with its reason; what is no longer needed fails the test until it is removed.</summary>
internal static class KnownExceptions
{
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
}
