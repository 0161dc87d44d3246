using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>
/// What the generator itself has added to a declaration. It never sees that, but analyzers run after it: for both to read the same,
/// the parser leaves it out.
/// </summary>
internal static class GeneratedFiles
{
    /// <summary>The folder that the compiler puts the files of a generator in.</summary>
    private static readonly string s_folder = typeof(ProtocolGenerator).FullName!;

    public static bool Hold(ISymbol symbol) => symbol.Locations.Length > 0 && symbol.Locations.All(Holds);

    public static bool Holds(Location location) =>
        location.SourceTree?.FilePath is { } path && path.Split('/', '\\').Contains(s_folder, StringComparer.Ordinal);
}
