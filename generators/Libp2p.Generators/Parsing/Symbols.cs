using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.Generators.Parsing;

/// <summary>Questions about symbols that the parsers share.</summary>
internal static class Symbols
{
    /// <summary>A namespace as generated code declares it.</summary>
    public static readonly SymbolDisplayFormat NamespaceFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers);

    /// <summary>A type as the name of a file.</summary>
    public static readonly SymbolDisplayFormat HintFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithGenericsOptions(SymbolDisplayGenericsOptions.None)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.None);

    /// <summary>The name as generated code writes it.</summary>
    public static string Escaped(string name) =>
        SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None && SyntaxFacts.GetContextualKeywordKind(name) == SyntaxKind.None ? name : "@" + name;

    /// <summary>Whether the type is the one of this namespace, name and arity.</summary>
    public static bool Is(this ITypeSymbol? type, string @namespace, string metadataName) =>
        type is INamedTypeSymbol named && named.MetadataName == metadataName && named.ContainingType is null
        && named.ContainingNamespace.ToDisplayString() == @namespace;

    /// <summary>The type's arguments, if it is the generic of this namespace, name and arity.</summary>
    public static ImmutableArray<ITypeSymbol>? ArgumentsOf(this ITypeSymbol? type, string @namespace, string metadataName) =>
        type.Is(@namespace, metadataName) ? ((INamedTypeSymbol)type!).TypeArguments : null;

    /// <summary>Whether the type, or one it is made of, is not there (yet).</summary>
    public static bool IsUnresolved(this ITypeSymbol? type) => type switch
    {
        null => true,
        IErrorTypeSymbol => true,
        IArrayTypeSymbol array => array.ElementType.IsUnresolvedOrVoid(),
        INamedTypeSymbol named => named.TypeArguments.Any(IsUnresolvedOrVoid),
        _ => false,
    };

    /// <summary>The same of what another type is made of, where the compiler says that it cannot be <c>void</c>.</summary>
    private static bool IsUnresolvedOrVoid(this ITypeSymbol type) => type.SpecialType == SpecialType.System_Void || type.IsUnresolved();

    /// <summary>Whether generated code anywhere in the assembly can name it.</summary>
    public static bool IsNameable(this INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? current = type; current is not null; current = current.ContainingType)
        {
            if (current.IsFileLocal
                || current.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether generated code in the assembly can call it.</summary>
    public static bool IsCallable(this IMethodSymbol method) =>
        method.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;

    /// <summary>Whether other assemblies see it.</summary>
    public static bool IsPublic(this INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Accessibility.Public && (type.ContainingType is null || type.ContainingType.IsPublic());

    /// <summary>Whether naming it draws a warning.</summary>
    public static bool IsObsolete(this ISymbol? symbol) => symbol.Parts().Any(part =>
        part.GetAttributes().Any(attribute => attribute.AttributeClass.Is("System", "ObsoleteAttribute")));

    /// <summary>The symbol and all that its full name names: the types around it, and the arguments of each.</summary>
    public static IEnumerable<ISymbol> Parts(this ISymbol? symbol) => symbol switch
    {
        null => [],
        IArrayTypeSymbol array => array.ElementType.Parts(),
        INamedTypeSymbol named => [named, .. named.ContainingType.Parts(), .. named.TypeArguments.SelectMany(Parts)],
        _ => [symbol],
    };

    /// <summary>The library's attribute of this name on the symbol.</summary>
    public static AttributeData? Attribute(this ISymbol symbol, string metadataName) => symbol.Attributes(metadataName).FirstOrDefault();

    /// <summary>The library's attributes of this name on the symbol.</summary>
    public static IEnumerable<AttributeData> Attributes(this ISymbol symbol, string metadataName) =>
        symbol.GetAttributes().Where(attribute => attribute.AttributeClass.Is("Libp2p", metadataName));

    /// <summary>All of the library's attributes on the symbol.</summary>
    public static IEnumerable<AttributeData> Attributes(this ISymbol symbol) =>
        symbol.GetAttributes().Where(attribute => attribute.AttributeClass is { ContainingType: null, ContainingNamespace: { } space } && space.ToDisplayString() == "Libp2p");

    /// <summary>Whether the constant is of an enum of the library, and none of its members.</summary>
    public static bool IsUndefinedSetting(this TypedConstant constant) =>
        constant is { Kind: TypedConstantKind.Enum, Type: { } type } && type.Is("Libp2p", type.MetadataName) && constant.EnumField() is null;

    /// <summary>Where the attribute's unnamed argument stands; the attribute, where it cannot be told.</summary>
    public static Location? ArgumentLocation(this AttributeData attribute, int index)
    {
        AttributeSyntax? syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;
        AttributeArgumentSyntax[] arguments = [.. syntax?.ArgumentList?.Arguments.Where(argument => argument.NameEquals is null) ?? []];
        return index < arguments.Length ? arguments[index].GetLocation() : syntax?.GetLocation();
    }

    /// <summary>Where the attribute's named argument stands; the first unnamed one, where there is none of this name.</summary>
    public static Location? ArgumentLocation(this AttributeData attribute, string name)
    {
        AttributeSyntax? syntax = attribute.ApplicationSyntaxReference?.GetSyntax() as AttributeSyntax;
        AttributeArgumentSyntax? named = syntax?.ArgumentList?.Arguments.FirstOrDefault(argument => argument.NameEquals?.Name.Identifier.ValueText == name);
        return named?.GetLocation() ?? attribute.ArgumentLocation(0);
    }

    /// <summary>A named argument's value, or the default where it is not given.</summary>
    public static T? Named<T>(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value is { IsNull: false, Value: T value } ? value : default;

    /// <summary>The name of the enum member that a named argument holds, or null where it is not given.</summary>
    public static string? NamedEnum(this AttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value.EnumMember();

    /// <summary>The name of the enum member that a constant is.</summary>
    public static string? EnumMember(this TypedConstant constant) => constant.EnumField()?.Name;

    /// <summary>The enum member that a constant is.</summary>
    public static IFieldSymbol? EnumField(this TypedConstant constant) => constant is { Kind: TypedConstantKind.Enum, Type: { } type, Value: { } value }
        ? type.GetMembers().OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && value.Equals(field.ConstantValue))
        : null;
}
