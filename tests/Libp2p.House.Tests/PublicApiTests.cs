extern alias protocols;

using System.Text;
using Libp2p.TestKit;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.House.Tests;

/// <summary>
/// The public API of each shipped library is recorded in a file beside it, whose diff is reviewed like code. To accept a change, run
/// these tests with LIBP2P_ACCEPT_API=1.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.CSharpErrorMessageFormat
        .WithMemberOptions(
            SymbolDisplayMemberOptions.IncludeParameters | SymbolDisplayMemberOptions.IncludeType | SymbolDisplayMemberOptions.IncludeModifiers
            | SymbolDisplayMemberOptions.IncludeRef | SymbolDisplayMemberOptions.IncludeContainingType | SymbolDisplayMemberOptions.IncludeConstantValue)
        .WithParameterOptions(
            SymbolDisplayParameterOptions.IncludeType | SymbolDisplayParameterOptions.IncludeName | SymbolDisplayParameterOptions.IncludeDefaultValue
            | SymbolDisplayParameterOptions.IncludeParamsRefOut)
        .WithGenericsOptions(
            SymbolDisplayGenericsOptions.IncludeTypeParameters | SymbolDisplayGenericsOptions.IncludeTypeConstraints | SymbolDisplayGenericsOptions.IncludeVariance)
        .WithMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier | SymbolDisplayMiscellaneousOptions.UseSpecialTypes);

    public static TheoryData<string, string> Libraries => new()
    {
        { "runtime/Libp2p.Abstractions", typeof(PeerId).Assembly.Location },
        { "runtime/Libp2p.Runtime", typeof(Libp2pNode).Assembly.Location },
        { "protocols/Libp2p.Bitswap", typeof(protocols::Libp2p.Bitswap.IBitswap).Assembly.Location },
        { "protocols/Libp2p.Kademlia", typeof(protocols::Libp2p.Kademlia.IKad).Assembly.Location },
        { "runtime/Libp2p.Hosting", typeof(Hosting.Libp2pHost).Assembly.Location },
        { "protocols/Libp2p.Protocols", typeof(protocols::Libp2p.Protocols.Ping.IPing).Assembly.Location },
        { "protocols/Libp2p.PubSub", typeof(protocols::Libp2p.PubSub.IFloodsub).Assembly.Location },
    };

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_api_is_the_recorded_one(string project, string assembly)
    {
        string file = Repository.At(Path.Combine(project, "PublicApi.txt"));
        string actual = Describe(assembly);
        if (Environment.GetEnvironmentVariable("LIBP2P_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, actual);
        }

        string recorded = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : string.Empty;
        string[] added = [.. actual.Split('\n').Except(recorded.Split('\n'))];
        string[] removed = [.. recorded.Split('\n').Except(actual.Split('\n'))];
        Assert.True(
            recorded == actual,
            $"The public API of {project} changed. Review it, then accept it with LIBP2P_ACCEPT_API=1.\nadded:\n  {string.Join("\n  ", added)}\nremoved:\n  {string.Join("\n  ", removed)}");
    }

    private static string Describe(string assembly)
    {
        MetadataReference target = MetadataReference.CreateFromFile(assembly);
        CSharpCompilation compilation = CSharpCompilation.Create("api", references: [target, .. References.Without(Path.GetFileNameWithoutExtension(assembly))]);
        IAssemblySymbol symbol = (IAssemblySymbol)compilation.GetAssemblyOrModuleSymbol(target)!;
        StringBuilder text = new();
        foreach (INamedTypeSymbol type in Types(symbol.GlobalNamespace).Where(IsVisible).OrderBy(type => type.ToDisplayString(), StringComparer.Ordinal))
        {
            text.Append(TypeLine(type)).Append('\n');
            foreach (string member in type.GetMembers().Where(IsApi).Select(member => member.ToDisplayString(s_format)).Order(StringComparer.Ordinal))
            {
                text.Append("  ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string TypeLine(INamedTypeSymbol type)
    {
        string modifiers = type switch
        {
            { TypeKind: TypeKind.Enum } => "enum",
            { TypeKind: TypeKind.Interface } => "interface",
            { TypeKind: TypeKind.Delegate } => "delegate",
            { TypeKind: TypeKind.Struct } => (type.IsReadOnly ? "readonly " : string.Empty) + (type.IsRecord ? "record struct" : "struct"),
            _ => (type.IsStatic ? "static " : type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : string.Empty) + (type.IsRecord ? "record" : "class"),
        };
        string[] bases = [.. new[] { type.BaseType }.Where(b => b is { SpecialType: SpecialType.None }).Concat(type.Interfaces).Select(b => b!.ToDisplayString(s_format))];
        return $"{modifiers} {type.ToDisplayString(s_format)}{(bases.Length == 0 ? string.Empty : " : " + string.Join(", ", bases))}";
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceSymbol space) =>
        space.GetTypeMembers().SelectMany(WithNested).Concat(space.GetNamespaceMembers().SelectMany(Types));

    private static IEnumerable<INamedTypeSymbol> WithNested(INamedTypeSymbol type) => type.GetTypeMembers().SelectMany(WithNested).Prepend(type);

    private static bool IsVisible(ISymbol symbol) =>
        symbol.DeclaredAccessibility is Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal
        && (symbol.ContainingType is null || IsVisible(symbol.ContainingType));

    private static bool IsApi(ISymbol member) => IsVisible(member) && !member.IsImplicitlyDeclared
        && member is not INamedTypeSymbol
        && member is not IMethodSymbol { MethodKind: MethodKind.PropertyGet or MethodKind.PropertySet or MethodKind.EventAdd or MethodKind.EventRemove };
}
