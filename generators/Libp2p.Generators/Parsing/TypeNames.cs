using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>
/// The names of types as generated code writes them: from <c>global::</c> on, or from the extern alias by which alone the compilation
/// refers to the type's assembly.
/// </summary>
internal sealed class TypeNames(Compilation compilation)
{
    private static readonly SymbolDisplayFormat s_qualified = SymbolDisplayFormat.FullyQualifiedFormat
        .WithMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly SortedSet<string> _aliases = new(StringComparer.Ordinal);
    private readonly bool _hasAliases = compilation.References.Any(reference => !reference.Properties.Aliases.IsEmpty);

    /// <summary>The extern aliases in the names so far.</summary>
    public IEnumerable<string> Aliases => _aliases;

    /// <summary>The name of the type, which itself is never null.</summary>
    public string Of(ITypeSymbol type)
    {
        ITypeSymbol named = type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
        if (!_hasAliases)
        {
            return named.ToDisplayString(s_qualified);
        }

        ImmutableArray<SymbolDisplayPart> parts = named.ToDisplayParts(s_qualified);
        return string.Concat(parts.Select((part, i) => IsRoot(part) ? RootOf(parts, i) : part.ToString()));
    }

    /// <summary>Whether <c>global::</c> leads to the assembly.</summary>
    public bool IsGlobal(IAssemblySymbol assembly) => !_hasAliases || compilation.GlobalNamespace.ConstituentNamespaces
        .Any(space => SymbolEqualityComparer.Default.Equals(space.ContainingAssembly, assembly));

    private static bool IsRoot(SymbolDisplayPart part) => part.Kind == SymbolDisplayPartKind.Keyword && part.ToString() == "global";

    /// <summary>What the name that begins here begins with: the next type in it tells the assembly.</summary>
    private string RootOf(ImmutableArray<SymbolDisplayPart> parts, int start)
    {
        IAssemblySymbol? assembly = parts.Skip(start).Select(part => part.Symbol).OfType<INamedTypeSymbol>().FirstOrDefault()?.ContainingAssembly;
        if (assembly is null || IsGlobal(assembly) || compilation.GetMetadataReference(assembly)?.Properties.Aliases.FirstOrDefault() is not { } alias)
        {
            return "global";
        }

        _aliases.Add(alias);
        return Symbols.Escaped(alias);
    }
}
