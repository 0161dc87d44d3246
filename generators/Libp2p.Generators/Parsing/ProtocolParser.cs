using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads a declaration. Generator and analyzers share it, so they cannot disagree on what is one.</summary>
internal static class ProtocolParser
{
    /// <summary>
    /// Whether it is an interface with <c>[Protocol]</c>. The attribute may stand on one part of it; of a second one the compiler tells.
    /// </summary>
    public static bool IsDeclaration(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && type.Attributes("ProtocolAttribute").Take(2).Count() == 1;

    /// <summary>
    /// The model of a flawless declaration, and otherwise what is wrong with it; neither while types are missing, or of what is none.
    /// </summary>
    public static ParseResult Parse(INamedTypeSymbol protocol, Compilation compilation, CancellationToken cancellationToken)
    {
        if (!IsDeclaration(protocol))
        {
            return new ParseResult(null, []);
        }

        ParseContext context = new(protocol, compilation, cancellationToken);
        if (!LanguageParser.Check(context))
        {
            return new ParseResult(null, context.Problems);
        }

        CheckInterface(context);
        string[] ids = IdParser.Parse(context, out IReadOnlyList<IdParameter> parameters);
        List<OperationModel> operations = ParseOperations(context, ids);
        IdParser.CheckDistinct(context, ids, operations);
        GeneratedNames.Check(context, operations, parameters.Count > 0);
        FramingParser.CheckUsed(context, operations);
        operations = [.. operations.Select(operation => operation with { SharesId = operations.Count(other => other.Suffix == operation.Suffix) > 1 })];

        int? reuse = protocol.Attribute("ReuseAttribute") is { } attribute ? ReuseSeconds(context, attribute, operations) : null;
        if (context.IsUnresolved)
        {
            return new ParseResult(null, []);
        }

        return context.Problems.Count > 0
            ? new ParseResult(null, context.Problems)
            : new ParseResult(ToModel(context, ids, parameters, reuse, operations), []);
    }

    private static ProtocolModel ToModel(
        ParseContext context,
        IReadOnlyList<string> ids,
        IReadOnlyList<IdParameter> parameters,
        int? reuse,
        List<OperationModel> operations) => new(
            context.Protocol.ContainingNamespace is { IsGlobalNamespace: false } home ? home.ToDisplayString(Symbols.NamespaceFormat) : "",
            ContainersOf(context.Protocol).Reverse().Select(ToDeclaration).ToEquatableArray(),
            Symbols.Escaped(context.Protocol.Name),
            context.NameOf(context.Protocol),
            context.Protocol.ToDisplayString(Symbols.HintFormat),
            GeneratedNames.TablesOf(context),
            GeneratedNames.ExtensionsOf(context.Protocol),
            context.Protocol.IsPublic(),
            ids.ToEquatableArray(),
            parameters.ToEquatableArray(),
            context.Aliases.ToEquatableArray(),
            context.Warnings.ToEquatableArray(),
            reuse,
            context.Codecs.ToEquatableArray(),
            context.Discriminators.ToEquatableArray(),
            context.Envelopes.ToEquatableArray(),
            operations.ToEquatableArray());

    private static void CheckInterface(ParseContext context)
    {
        INamedTypeSymbol protocol = context.Protocol;
        if (NotPartial(protocol, context.CancellationToken) is { } whole)
        {
            context.Report(whole, DeclarationProblemKind.NotPartial, protocol.Name);
        }

        foreach (INamedTypeSymbol container in ContainersOf(protocol))
        {
            if (NotPartial(container, context.CancellationToken) is { } location)
            {
                context.Report(location, DeclarationProblemKind.ContainerNotPartial, protocol.Name, container.Name);
            }
        }

        if (protocol.IsGenericType)
        {
            context.Report(protocol, DeclarationProblemKind.Generic, protocol.Name);
        }

        if (!protocol.IsNameable())
        {
            context.Report(protocol, DeclarationProblemKind.NotAccessible, protocol.Name);
        }

        foreach (ISymbol inherited in protocol.AllInterfaces.SelectMany(parent => parent.GetMembers()).Where(member => member is { IsAbstract: true } and not ITypeSymbol))
        {
            context.Report(protocol, DeclarationProblemKind.InheritedOperation, inherited.ContainingType.Name, inherited.Name);
            break;
        }

        CheckSettings(context);
        context.SilenceDeclaration();
        context.IsUnresolved |= protocol.AllInterfaces.Any(parent => parent.IsUnresolved())
            || IsBeingTyped(protocol);
    }

    /// <summary>Reports settings that have a number for which their enum has no name: they would count as not set.</summary>
    private static void CheckSettings(ParseContext context)
    {
        foreach (AttributeData attribute in context.Protocol.GetMembers().Where(member => member.IsAbstract).Prepend(context.Protocol).SelectMany(Symbols.Attributes))
        {
            foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments.Where(argument => argument.Value.IsUndefinedSetting()))
            {
                context.Report(
                    attribute.ArgumentLocation(argument.Key), DeclarationProblemKind.UndefinedSetting, argument.Key, argument.Value.Type!.Name);
            }
        }
    }

    private static List<OperationModel> ParseOperations(ParseContext context, IReadOnlyList<string> ids)
    {
        List<OperationModel> operations = [];
        foreach (ISymbol member in InSourceOrder(context.Protocol.GetMembers()).Where(member => member is { IsAbstract: true, Name.Length: > 0 } and not ITypeSymbol))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false, IsGenericMethod: false } method)
            {
                if (!method.IsCallable())
                {
                    context.Report(method, DeclarationProblemKind.NotAccessible, method.Name);
                }

                if (OperationParser.TryParse(context, method, ids) is { } operation)
                {
                    LimitsParser.CheckFits(context, method, operation);
                    operations.Add(operation);
                }
            }
            else if (member is not IMethodSymbol { AssociatedSymbol: not null })
            {
                context.Report(member, DeclarationProblemKind.NotAnOperation, member.Name);
            }
        }

        if (operations.Count == 0 && context.Problems.Count == 0)
        {
            context.Report(context.Protocol, DeclarationProblemKind.NoOperations, context.Protocol.Name);
        }

        return operations;
    }

    private static int? ReuseSeconds(ParseContext context, AttributeData attribute, List<OperationModel> operations)
    {
        int seconds = attribute.NamedArguments.Any(argument => argument.Key == "IdleSeconds") ? attribute.Named<int>("IdleSeconds") : 5;
        if (seconds < LimitsModel.Unbounded)
        {
            context.Report(attribute.ArgumentLocation("IdleSeconds"), DeclarationProblemKind.InvalidLimit, "IdleSeconds", $"{seconds}");
        }

        foreach (OperationModel operation in operations.Where(operation => operation.Shape is not (DeclaredShape.Unary or DeclaredShape.Push)))
        {
            context.Report(context.MethodsOf(operation).First(), DeclarationProblemKind.ReuseNeedsRequest, operation.Name);
        }

        foreach (OperationModel operation in operations.Where(operation => operation.Framing == FramingParser.None))
        {
            context.Report(attribute, DeclarationProblemKind.InvalidFraming, operation.Name);
        }

        return seconds;
    }

    /// <summary>By file and place, so that the order in which files are compiled changes nothing.</summary>
    private static IEnumerable<ISymbol> InSourceOrder(IEnumerable<ISymbol> members) => members
        .OrderBy(member => member.Locations.FirstOrDefault()?.SourceTree?.FilePath ?? "", StringComparer.Ordinal)
        .ThenBy(member => member.Locations.FirstOrDefault()?.SourceSpan.Start ?? 0);

    /// <summary>Whether the declaration, or what is around it or in it, has no name yet.</summary>
    private static bool IsBeingTyped(INamedTypeSymbol protocol)
    {
        IEnumerable<ISymbol> around = [protocol, .. ContainersOf(protocol)];
        for (INamespaceSymbol space = protocol.ContainingNamespace; !space.IsGlobalNamespace; space = space.ContainingNamespace)
        {
            around = around.Append(space);
        }

        return around.Concat(protocol.GetMembers().Where(member => member.IsAbstract)).Any(symbol => symbol.Name.Length == 0);
    }

    private static IEnumerable<INamedTypeSymbol> ContainersOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            yield return container;
        }
    }

    /// <summary>The name of the type where it is declared without <c>partial</c>; null where it has it everywhere.</summary>
    private static Location? NotPartial(INamedTypeSymbol type, CancellationToken cancellationToken) => type.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax(cancellationToken))
        .OfType<TypeDeclarationSyntax>()
        .FirstOrDefault(declaration => !declaration.Modifiers.Any(SyntaxKind.PartialKeyword))?.Identifier.GetLocation();

    private static string ToDeclaration(INamedTypeSymbol type)
    {
        string keyword = type switch
        {
            { TypeKind: TypeKind.Interface } => "interface",
            { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
            { TypeKind: TypeKind.Struct } => "struct",
            { IsRecord: true } => "record",
            _ => "class",
        };
        return $"partial {keyword} {Symbols.Escaped(type.Name)}";
    }
}

/// <summary>A model, or what keeps a declaration from being one; neither while types are missing.</summary>
internal readonly record struct ParseResult(ProtocolModel? Model, IReadOnlyList<DeclarationProblem> Problems);
