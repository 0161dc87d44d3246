using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>What one declaration's parse collects.</summary>
internal sealed class ParseContext(INamedTypeSymbol protocol, CancellationToken cancellationToken)
{
    private readonly List<DeclarationProblem> _problems = [];

    public INamedTypeSymbol Protocol { get; } = protocol;

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public IReadOnlyList<DeclarationProblem> Problems => _problems;

    /// <summary>Whether a type is missing: it may come from a generator or a later build step, so nobody is told.</summary>
    public bool IsUnresolved { get; set; }

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
