using Libp2p.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.House.Tests.Architecture;

/// <summary>
/// The sources of one project, bound by the compiler, and which of its types name which. Code of source generators is left out; what
/// does not bind without it refers to nothing.
/// </summary>
/// <param name="project">Its folder in the repository.</param>
internal sealed class ProjectSources(string project)
{
    // What the SDK adds to each project with ImplicitUsings.
    private const string ImplicitUsings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private readonly string _root = Repository.At(project);

    /// <summary>Each file, by its path within the project, with <c>/</c> between folders.</summary>
    public IEnumerable<string> Files => Directory.EnumerateFiles(_root, "*.cs", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_root, file).Replace('\\', '/'))
        .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    /// <summary>Each folder that holds sources.</summary>
    public IEnumerable<string> Folders => Files.Select(FolderOf).Distinct();

    /// <summary>The syntax of a file.</summary>
    public SyntaxTree Parse(string file) =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(_root, file)), new CSharpParseOptions(LanguageVersion.Preview), file);

    /// <summary>The project, compiled against what this test runs on.</summary>
    public CSharpCompilation Compile() => CSharpCompilation.Create(
        Path.GetFileName(project),
        [.. Files.Select(Parse), CSharpSyntaxTree.ParseText(ImplicitUsings, new CSharpParseOptions(LanguageVersion.Preview))],
        House.Tests.References.Without(Path.GetFileName(project)),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>Each pair of types of which one names the other, once for each folder that it does so in.</summary>
    public IReadOnlyList<SourceReference> References()
    {
        CSharpCompilation compilation = Compile();
        Dictionary<(string, string, string), SourceReference> found = [];
        foreach (SyntaxTree tree in compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0))
        {
            SemanticModel model = compilation.GetSemanticModel(tree);
            foreach (ExpressionSyntax node in tree.GetRoot().DescendantNodes(node => !IsNameOf(node)).OfType<ExpressionSyntax>())
            {
                if (Referred(model, node) is { } type && Outermost(node) is { } from && type.Name != from)
                {
                    FileLinePositionSpan span = node.GetLocation().GetLineSpan();
                    found.TryAdd(
                        (FolderOf(tree.FilePath), from, type.ToDisplayString()),
                        new SourceReference(from, FolderOf(tree.FilePath), type.Name, FoldersOf(type), $"{span.Path}:{span.StartLinePosition.Line + 1}"));
                }
            }
        }

        return [.. found.Values];
    }

    private static INamedTypeSymbol? Referred(SemanticModel model, ExpressionSyntax node)
    {
        ISymbol? symbol = node switch
        {
            SimpleNameSyntax => model.GetSymbolInfo(node).Symbol,
            ImplicitObjectCreationExpressionSyntax => model.GetTypeInfo(node).Type,
            _ => null,
        };
        INamedTypeSymbol? type = symbol as INamedTypeSymbol ?? (symbol is INamespaceSymbol or ITypeSymbol ? null : symbol?.ContainingType);
        while (type?.ContainingType is { } outer)
        {
            type = outer;
        }

        return SymbolEqualityComparer.Default.Equals(type?.ContainingAssembly, model.Compilation.Assembly) ? type?.OriginalDefinition : null;
    }

    /// <summary>A name in a message is no dependency.</summary>
    private static bool IsNameOf(SyntaxNode node) => node is InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "nameof" } };

    private static string? Outermost(SyntaxNode node) =>
        node.Ancestors().OfType<MemberDeclarationSyntax>().LastOrDefault(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax) switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            _ => null,
        };

    private static string[] FoldersOf(INamedTypeSymbol type) => [.. type.Locations.Select(location => FolderOf(location.SourceTree!.FilePath)).Distinct()];

    private static string FolderOf(string file) => file.Contains('/') ? file[..file.LastIndexOf('/')] : string.Empty;
}
