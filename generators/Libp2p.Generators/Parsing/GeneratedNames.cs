using Libp2p.Generators.Emit;
using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>The names of what the generator adds, to the interface and beside it: nothing of the author's may have them.</summary>
internal static class GeneratedNames
{
    private const string ExtensionsSuffix = "ProtocolExtensions";

    /// <summary>The first name that nothing in the namespace has, here or in a reference: the class is file-local, so any will do.</summary>
    public static string TablesOf(ParseContext context)
    {
        string name = context.Protocol.Name;
        string bare = (name.Length > 1 && name[0] == 'I' && char.IsUpper(name[1]) ? name.Substring(1) : name) + "Protocol";
        INamespaceSymbol? home = context.Compilation.GetCompilationNamespace(context.Protocol.ContainingNamespace);
        string tables = bare;
        for (int i = 2; home?.GetMembers(tables).Any(member => !GeneratedFiles.Hold(member)) == true; i++)
        {
            tables = bare + i;
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

        if (context.Protocol.AllInterfaces.FirstOrDefault(parent =>
            parent.GetMembers(name).Any(member => !GeneratedFiles.Hold(member))) is { } parent)
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
