using Libp2p.Generators.Emit;
using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Parsing;

/// <summary>What one declaration's parse collects.</summary>
internal sealed class ParseContext(INamedTypeSymbol protocol, Compilation compilation, CancellationToken cancellationToken)
{
    /// <summary>What the compiler says of signatures with types of the library, which does not claim to comply with the CLS.</summary>
    private static readonly string[] s_compliance = ["CS3001", "CS3002", "CS3003", "CS3010"];

    private readonly TypeNames _names = new(compilation);
    private readonly SortedSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly List<DeclarationProblem> _problems = [];
    private readonly HashSet<string> _fields =
    [
        .. protocol.GetMembers().OfType<IMethodSymbol>().Where(method => method is { IsAbstract: true, Name.Length: > 0 })
            .Select(method => Names.Field(OperationParser.NameOf(method))),
    ];

    public INamedTypeSymbol Protocol { get; } = protocol;

    /// <summary>What the declaration stands in, with all that it refers to.</summary>
    public Compilation Compilation { get; } = compilation;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public IReadOnlyList<DeclarationProblem> Problems => _problems;

    /// <summary>The ids of what the compiler has to say of the declaration itself, and need not repeat about generated code.</summary>
    public IEnumerable<string> Warnings => _warnings;

    /// <summary>The extern aliases that the names of types begin with.</summary>
    public IEnumerable<string> Aliases => _names.Aliases;

    /// <summary>The codecs that the messages were found to have.</summary>
    public List<CodecModel> Codecs { get; } = [];

    /// <summary>The discriminators that the messages were found to have.</summary>
    public List<DiscriminatorModel> Discriminators { get; } = [];

    /// <summary>The messages that travel in an envelope.</summary>
    public List<EnvelopeModel> Envelopes { get; } = [];

    /// <summary>Whether a type is missing: it may come from a generator or a later build step, so nobody is told.</summary>
    public bool IsUnresolved { get; set; }

    /// <summary>The type as generated code writes it, itself never null.</summary>
    public string NameOf(ITypeSymbol type) => _names.Of(type);

    /// <summary>Whether <c>global::</c> leads to the assembly.</summary>
    public bool IsGlobal(IAssemblySymbol assembly) => _names.IsGlobal(assembly);

    /// <summary>Regards an id of its own accord.</summary>
    public void Silence(string id) => _warnings.Add(id);

    /// <summary>Regards what the compiler says wherever the declaration is named or continued.</summary>
    public void SilenceDeclaration()
    {
        Silence(Protocol);
        for (INamedTypeSymbol? type = Protocol; type is not null; type = type.ContainingType)
        {
            if (type.Name.All(c => c is >= 'a' and <= 'z'))
            {
                Silence("CS8981"); // a name in lower case
            }
        }

        if (Compilation.Assembly.GetAttributes().Any(attribute => attribute.AttributeClass.Is("System", "CLSCompliantAttribute")))
        {
            foreach (string id in s_compliance)
            {
                Silence(id);
            }
        }
    }

    /// <summary>Regards the ids under which naming the symbol is warned of: obsolete, experimental, or here and in a friend.</summary>
    public void Silence(ISymbol? symbol)
    {
        foreach (ISymbol part in symbol.Parts())
        {
            foreach (AttributeData attribute in WarningsOf(part))
            {
                string? id = attribute.AttributeClass.Is("System", "ObsoleteAttribute") ? attribute.Named<string>("DiagnosticId")
                        ?? (attribute.ConstructorArguments.Length == 0 ? "CS0612" : "CS0618")
                    : attribute.AttributeClass.Is("System.Diagnostics.CodeAnalysis", "ExperimentalAttribute") ? attribute.ConstructorArguments.FirstOrDefault().Value as string
                    : null;
                if (SyntaxFacts.IsValidIdentifier(id))
                {
                    Silence(id!);
                }
            }

            if (part is INamedTypeSymbol { ContainingType: null } type && IsSeenTwice(type))
            {
                Silence("CS0436");
            }
        }
    }

    /// <summary>The attributes that may warn of it: its own, and those of a reference that holds all of its types to be experimental.</summary>
    private static IEnumerable<AttributeData> WarningsOf(ISymbol part) =>
        [.. part.GetAttributes(), .. part.ContainingAssembly?.GetAttributes() ?? [], .. part.ContainingModule?.GetAttributes() ?? []];

    /// <summary>Whether a reference shows us a type of the same name, as when both assemblies compile the same file.</summary>
    private bool IsSeenTwice(INamedTypeSymbol type) =>
        SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, Compilation.Assembly)
        && Compilation.GetCompilationNamespace(type.ContainingNamespace)?.GetTypeMembers(type.Name, type.Arity).Any(other =>
            !SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, Compilation.Assembly)
            && Compilation.IsSymbolAccessibleWithin(other, Compilation.Assembly)) == true;

    /// <summary>The methods that an operation was read from: one, unless they are overloads.</summary>
    public IEnumerable<IMethodSymbol> MethodsOf(OperationModel operation) =>
        Protocol.GetMembers(operation.Method.TrimStart('@')).OfType<IMethodSymbol>().Where(method => method.IsAbstract);

    /// <summary>The field that holds the codec which this expression makes.</summary>
    public string CodecField(ITypeSymbol type, string expression)
    {
        string name = NameOf(type);
        CodecModel? codec = Codecs.Find(known => known.Type == name && known.Expression == expression);
        if (codec is null)
        {
            codec = new CodecModel(UniqueField((type.Name.Length > 0 ? type.Name : "Message") + "Codec"), name, expression);
            Codecs.Add(codec);
        }

        return codec.Field;
    }

    /// <summary>A name that no other field of the tables has.</summary>
    public string UniqueField(string name)
    {
        string field = Names.Field(name);
        string unique = field;
        for (int i = 2; !_fields.Add(unique); i++)
        {
            unique = field + i;
        }

        return unique;
    }

    public void Report(ISymbol symbol, DeclarationProblemKind kind, params string[] arguments) =>
        Add(DeclarationProblem.At(symbol, kind, arguments));

    public void Report(AttributeData attribute, DeclarationProblemKind kind, params string[] arguments) =>
        Add(DeclarationProblem.At(attribute, kind, arguments));

    public void Report(Location? location, DeclarationProblemKind kind, params string[] arguments) =>
        Add(DeclarationProblem.At(location, kind, arguments));

    /// <summary>One mistake is one problem: an attribute on the interface is read once for each member.</summary>
    private void Add(DeclarationProblem problem)
    {
        if (!_problems.Any(known => known.Kind == problem.Kind && known.Location.Equals(problem.Location)))
        {
            _problems.Add(problem);
        }
    }
}
