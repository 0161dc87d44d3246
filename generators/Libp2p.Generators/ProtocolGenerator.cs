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
                transform: static (match, token) => match.Attributes.Length == 1
                    ? ProtocolParser.Parse((INamedTypeSymbol)match.TargetSymbol, token).Model
                    : null)
            .Where(static model => model is not null)
            .Select(static (model, _) => model!)
            .WithTrackingName(StepNames.Model);

        // Emit: one file per protocol, from the model alone.
        context.RegisterSourceOutput(protocols, static (output, model) =>
            output.AddSource(model.HintName, ProtocolEmitter.Emit(model)));
    }
}
