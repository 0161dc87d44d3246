using Libp2p.Generators.Emit;
using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>The names of what the generator adds, to the interface and beside it: nothing of the author's may have them.</summary>
internal static class GeneratedNames
{
    private const string Tables = "ProtocolTables";
    private const string ExtensionsSuffix = "ProtocolExtensions";

    /// <summary>The first name that nothing has which can be named in the interface: the class is private, so any will do.</summary>
    public static string TablesOf(ParseContext context)
    {
        HashSet<string> parameters = [.. context.Protocol.GetMembers().OfType<IMethodSymbol>().SelectMany(method => method.Parameters).Select(parameter => parameter.Name)];
        string tables = Tables;
        for (int i = 2; parameters.Contains(tables) || ScopesOf(context).Any(scope => scope.Name == tables || HasMember(scope, tables)); i++)
        {
            tables = Tables + i;
        }

        return tables;
    }

    /// <summary>The name is public, so it depends on nothing but the interface's.</summary>
    public static string ExtensionsOf(INamedTypeSymbol protocol) => Flat(protocol) + ExtensionsSuffix;

    /// <summary>Reports what has a name that the generator needs.</summary>
    public static void Check(ParseContext context, IReadOnlyList<OperationModel> operations, bool hasParameters)
    {
        foreach (IGrouping<string, OperationModel> same in operations.GroupBy(Names.Field).Where(group => group.Count() > 1))
        {
            context.Report(context.MethodsOf(same.Last()).Last(), DeclarationProblemKind.DuplicateOperation, same.Last().Name);
        }

        IEnumerable<string> opened = operations.Where(operation => operation.IsOpened).Select(operation => $"Open{operation.Name}Async");
        foreach (string name in opened.Prepend("Protocol"))
        {
            CheckMember(context, name);
        }

        if (hasParameters)
        {
            CheckExtensions(context);
        }
    }

    /// <summary>What a simple name in the interface is looked up in: its members, inherited ones, and what is around it.</summary>
    private static IEnumerable<INamespaceOrTypeSymbol> ScopesOf(ParseContext context)
    {
        foreach (INamedTypeSymbol parent in context.Protocol.AllInterfaces)
        {
            yield return parent;
        }

        for (INamedTypeSymbol? type = context.Protocol; type is not null; type = type.ContainingType)
        {
            yield return type;
        }

        for (INamespaceSymbol? space = context.Protocol.ContainingNamespace; space is not null; space = space.ContainingNamespace)
        {
            yield return context.Compilation.GetCompilationNamespace(space) ?? space;
        }
    }

    private static bool HasMember(INamespaceOrTypeSymbol scope, string name) => scope.GetMembers(name).Any(member => !GeneratedFiles.Hold(member));

    private static void CheckMember(ParseContext context, string name)
    {
        if (context.Protocol.Name == name)
        {
            context.Report(context.Protocol, DeclarationProblemKind.NameTaken, name, name);
        }

        if (context.Protocol.GetMembers(name).FirstOrDefault(member => !GeneratedFiles.Hold(member)) is { } taken)
        {
            context.Report(taken, DeclarationProblemKind.NameTaken, name, name);
        }

        if (context.Protocol.AllInterfaces.FirstOrDefault(parent => HasMember(parent, name)) is { } parent)
        {
            context.Report(context.Protocol, DeclarationProblemKind.NameTaken, $"{parent.Name}.{name}", name);
        }
    }

    /// <summary>Of two protocols that need the same class, as <c>Outer.IDemo</c> and <c>Outer_IDemo</c> do, each is told.</summary>
    private static void CheckExtensions(ParseContext context)
    {
        INamedTypeSymbol protocol = context.Protocol;
        string name = ExtensionsOf(protocol);
        if (protocol.ContainingNamespace.GetMembers(name).FirstOrDefault(member =>
            member is INamespaceSymbol or INamedTypeSymbol { Arity: 0, IsFileLocal: false } && !GeneratedFiles.Hold(member)) is { } taken)
        {
            context.Report(taken, DeclarationProblemKind.NameTaken, name, name);
        }

        if (Called(protocol.ContainingNamespace, Flat(protocol)).Any(other =>
            !SymbolEqualityComparer.Default.Equals(other, protocol) && ProtocolParser.IsDeclaration(other) && IdParser.HasParameters(other)))
        {
            context.Report(protocol, DeclarationProblemKind.NameTaken, protocol.Name, name);
        }
    }

    private static string Flat(INamedTypeSymbol type) => type.ContainingType is null ? type.Name : $"{Flat(type.ContainingType)}_{type.Name}";

    /// <summary>The types within, at any depth, whose names one after another are this.</summary>
    private static IEnumerable<INamedTypeSymbol> Called(INamespaceOrTypeSymbol scope, string flat) => scope.GetTypeMembers().SelectMany(type =>
        type.Name == flat ? [type]
        : flat.StartsWith(type.Name + "_", StringComparison.Ordinal) ? Called(type, flat.Substring(type.Name.Length + 1))
        : Enumerable.Empty<INamedTypeSymbol>());
}
