using Microsoft.CodeAnalysis;

namespace Libp2p.House.Tests;

/// <summary>What snippets and API descriptions are compiled against.</summary>
internal static class References
{
    /// <summary>Everything this test runs on: the shared framework and the libraries.</summary>
    public static IReadOnlyList<MetadataReference> Platform { get; } =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static IEnumerable<MetadataReference> Without(params string[] assemblies) =>
        Platform.Where(reference => !assemblies.Contains(Path.GetFileNameWithoutExtension(reference.Display)));
}
