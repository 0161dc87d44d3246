using Microsoft.CodeAnalysis;

namespace Libp2p.Analyzers;

/// <summary>What the rules look at: the same interfaces as the generator.</summary>
internal static class Declarations
{
    /// <summary>Whether the library is referred to at all.</summary>
    public static bool AreKnownTo(Compilation compilation) => !compilation.GetTypesByMetadataName("Libp2p.ProtocolAttribute").IsEmpty;

    /// <summary>The members without a body that may be operations.</summary>
    public static IEnumerable<IMethodSymbol> OperationsOf(INamedTypeSymbol protocol) => protocol.GetMembers()
        .OfType<IMethodSymbol>()
        .Where(method => method is { MethodKind: MethodKind.Ordinary, IsAbstract: true, IsStatic: false, IsGenericMethod: false });
}
