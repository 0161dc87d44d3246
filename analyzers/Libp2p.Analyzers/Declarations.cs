using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;

namespace Libp2p.Analyzers;

/// <summary>What the rules look at: the same interfaces as the generator.</summary>
internal static class Declarations
{
    /// <summary>Whether the library is referred to at all.</summary>
    public static bool AreKnownTo(Compilation compilation) => compilation.GetTypeByMetadataName("Libp2p.ProtocolAttribute") is not null;

    /// <summary>Whether it is an interface with <c>[Protocol]</c>. Of a second one on the same interface the compiler tells.</summary>
    public static bool IsDeclaration(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && type.Attributes("ProtocolAttribute").Take(2).Count() == 1;

    /// <summary>The members without a body that may be operations.</summary>
    public static IEnumerable<IMethodSymbol> OperationsOf(INamedTypeSymbol protocol) => protocol.GetMembers()
        .OfType<IMethodSymbol>()
        .Where(method => method is { MethodKind: MethodKind.Ordinary, IsAbstract: true, IsStatic: false, IsGenericMethod: false });
}
