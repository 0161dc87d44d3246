using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Libp2p.Generators.Parsing;

/// <summary>What one declaration's parse collects.</summary>
internal sealed class ParseContext(INamedTypeSymbol protocol, Compilation compilation, CancellationToken cancellationToken)
{
    /// <summary>That a linked file's type is also a friend's, that a name is in lower case, that something is obsolete.</summary>
    private readonly SortedSet<string> _warnings = new(["CS0436", "CS0612", "CS0618", "CS8981"], StringComparer.Ordinal);
    private readonly List<DeclarationProblem> _problems = [];

    public INamedTypeSymbol Protocol { get; } = protocol;

    /// <summary>What the declaration stands in, with all that it refers to.</summary>
    public Compilation Compilation { get; } = compilation;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public IReadOnlyList<DeclarationProblem> Problems => _problems;

    /// <summary>The ids of what the compiler has to say of the declaration itself, and need not repeat about generated code.</summary>
    public IEnumerable<string> Warnings => _warnings;

    /// <summary>The discriminators that the messages were found to have.</summary>
    public List<DiscriminatorModel> Discriminators { get; } = [];

    /// <summary>The messages that travel in an envelope.</summary>
    public List<EnvelopeModel> Envelopes { get; } = [];

    /// <summary>Whether a type is missing: it may come from a generator or a later build step, so nobody is told.</summary>
    public bool IsUnresolved { get; set; }

    /// <summary>Regards the ids under which naming the symbol is warned of: obsolete in a way of its own, or experimental.</summary>
    public void Silence(ISymbol? symbol)
    {
        foreach (AttributeData attribute in symbol.Parts().SelectMany(part => part.GetAttributes()))
        {
            string? id = attribute.AttributeClass.Is("System", "ObsoleteAttribute") ? attribute.Named<string>("DiagnosticId")
                : attribute.AttributeClass.Is("System.Diagnostics.CodeAnalysis", "ExperimentalAttribute") ? attribute.ConstructorArguments.FirstOrDefault().Value as string
                : null;
            if (SyntaxFacts.IsValidIdentifier(id))
            {
                _warnings.Add(id!);
            }
        }
    }

    /// <summary>The methods that an operation was read from: one, unless they are overloads.</summary>
    public IEnumerable<IMethodSymbol> MethodsOf(OperationModel operation) =>
        Protocol.GetMembers(operation.Method.TrimStart('@')).OfType<IMethodSymbol>().Where(method => method.IsAbstract);

    /// <summary>A name that no other table entry of a message has.</summary>
    public string UniqueField(string name)
    {
        string[] taken = [.. Discriminators.Select(known => known.Field), .. Envelopes.Select(known => known.Field)];
        return Enumerable.Range(1, taken.Length + 1).Select(i => i == 1 ? name : name + i).First(candidate => !taken.Contains(candidate));
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
