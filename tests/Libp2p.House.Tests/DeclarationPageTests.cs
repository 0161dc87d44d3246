using Libp2p.TestKit;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.House.Tests;

/// <summary>docs/declarations.md shows the standard declarations as they are in code, token by token: comments and line breaks may differ.</summary>
public sealed class DeclarationPageTests
{
    private static readonly Dictionary<string, BaseTypeDeclarationSyntax[]> s_page = Read(Snippets.Of("docs/declarations.md"));

    private static readonly Dictionary<string, BaseTypeDeclarationSyntax[]> s_code = Read(
        Directory.EnumerateFiles(Repository.At("protocols"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Contains("obj"))
            .Select(File.ReadAllText));

    public static TheoryData<string> OnThePage => [.. s_page.Keys];

    public static TheoryData<string> Protocols => [.. s_code.Where(one => one.Value.Any(IsProtocol)).Select(one => one.Key)];

    [Theory]
    [MemberData(nameof(OnThePage))]
    public void What_the_page_declares_is_declared_so(string type)
    {
        Assert.True(s_code.ContainsKey(type), $"{type} is on the page, and nowhere under protocols/");
        Assert.Equal(s_code[type].Select(Tokens), s_page[type].Select(Tokens));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_declared_protocol_is_on_the_page(string type) => Assert.Contains(type, s_page.Keys);

    private static Dictionary<string, BaseTypeDeclarationSyntax[]> Read(IEnumerable<string> sources) => sources
        .SelectMany(source => CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
        .Where(type => type.Parent is BaseNamespaceDeclarationSyntax)
        .GroupBy(type => $"{((BaseNamespaceDeclarationSyntax)type.Parent!).Name}.{type.Identifier.ValueText}")
        .ToDictionary(same => same.Key, same => same.ToArray());

    private static bool IsProtocol(BaseTypeDeclarationSyntax type) =>
        type.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() == "Protocol");

    private static string Tokens(BaseTypeDeclarationSyntax type) => string.Join(' ', type.DescendantTokens().Select(token => token.Text));
}
