using Libp2p.Generators.Emit;
using Libp2p.Generators.Model;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.Generators;

/// <summary>Makes of each interface with <c>[Protocol]</c> its value, its operations and its client.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class ProtocolGenerator : IIncrementalGenerator
{
    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // Find: only interfaces that opted in. Flawed ones yield null; an analyzer tells the user why.
        IncrementalValuesProvider<ProtocolModel> protocols = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                "Libp2p.ProtocolAttribute",
                predicate: static (node, _) => node is InterfaceDeclarationSyntax,
                transform: static (match, token) =>
                    ProtocolParser.Parse((INamedTypeSymbol)match.TargetSymbol, match.SemanticModel.Compilation, token).Model)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(StepNames.Model);

        // Name: two files of one name would take all of the output with them.
        IncrementalValueProvider<FileNames> names = protocols
            .Select(static (model, _) => model.HintName)
            .Collect()
            .Select(static (all, _) => FileNames.Of(all));

        // Emit: one file per protocol, from the model and its file's name alone.
        IncrementalValuesProvider<(ProtocolModel Protocol, string File)> files = protocols
            .Combine(names)
            .Select(static (one, _) => (one.Left, one.Right.NameOf(one.Left.HintName)));
        context.RegisterSourceOutput(files, static (output, one) => output.AddSource(one.File, ProtocolEmitter.Emit(one.Protocol)));
    }
}
