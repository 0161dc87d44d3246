using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>What a signature says: the shape, and the types of the messages.</summary>
internal readonly record struct Signature(DeclaredShape Shape, ITypeSymbol? Request, ITypeSymbol? Response, bool IsReplyOptional = false, ITypeSymbol? First = null);

/// <summary>Reads the shape off a signature (docs/declarations.md).</summary>
internal static class SignatureParser
{
    private const string Tasks = "System.Threading.Tasks";
    private const string Collections = "System.Collections.Generic";

    public static Signature? TryParse(ParseContext context, IMethodSymbol method)
    {
        if (method.ReturnType.IsUnresolved() || method.Parameters.Any(parameter => parameter.Type.IsUnresolved()))
        {
            context.IsUnresolved = true;
            return null;
        }

        if (method.Parameters.LastOrDefault()?.Type.Is("Libp2p", "CallContext") != true)
        {
            context.Report(method, DeclarationProblemKind.MissingCallContext, method.Name);
            return null;
        }

        IParameterSymbol[] parameters = [.. method.Parameters.Take(method.Parameters.Length - 1)];
        Signature? signature = method.Parameters.All(parameter => parameter is { RefKind: RefKind.None, IsParams: false })
            ? parameters.Length switch
            {
                0 => Read(null, method.ReturnType),
                1 => Read(parameters[0].Type, method.ReturnType),
                2 => ReadAfterFirst(parameters[0].Type, Read(parameters[1].Type, method.ReturnType)),
                _ => null,
            }
            : null;
        if (signature is not { } read || new[] { read.First, read.Request, read.Response }.Any(IsNullable))
        {
            context.Report(method, DeclarationProblemKind.UnsupportedSignature, method.Name);
            return null;
        }

        return signature;
    }

    private static Signature? Read(ITypeSymbol? given, ITypeSymbol returned)
    {
        ITypeSymbol? givenItems = given.ArgumentsOf(Collections, "IAsyncEnumerable`1")?[0];
        ITypeSymbol? returnedItems = returned.ArgumentsOf(Collections, "IAsyncEnumerable`1")?[0];
        ITypeSymbol? result = returned.ArgumentsOf(Tasks, "ValueTask`1")?[0];
        bool isVoid = returned.Is(Tasks, "ValueTask");

        if (given.Is("Libp2p", "P2PStream"))
        {
            return isVoid ? new Signature(DeclaredShape.Raw, null, null) : null;
        }

        if (given.ArgumentsOf("Libp2p", "Dialogue`2") is { } sides)
        {
            return isVoid ? new Signature(DeclaredShape.Dialogue, sides[0], sides[1]) : null;
        }

        if (givenItems is not null)
        {
            return returnedItems is not null ? new Signature(DeclaredShape.Duplex, givenItems, returnedItems)
                : isVoid || result is not null ? new Signature(DeclaredShape.ClientStream, givenItems, result)
                : null;
        }

        if (returnedItems is not null)
        {
            return new Signature(DeclaredShape.ServerStream, given, returnedItems);
        }

        return given is null
            ? result is not null ? new Signature(DeclaredShape.Pull, null, result) : null
            : isVoid ? new Signature(DeclaredShape.Push, given, null)
            : result is not null ? Unary(given, result)
            : null;
    }

    private static Signature Unary(ITypeSymbol request, ITypeSymbol response) => response switch
    {
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable =>
            new Signature(DeclaredShape.Unary, request, nullable.TypeArguments[0], IsReplyOptional: true),
        { NullableAnnotation: NullableAnnotation.Annotated } =>
            new Signature(DeclaredShape.Unary, request, response.WithNullableAnnotation(NullableAnnotation.NotAnnotated), IsReplyOptional: true),
        _ => new Signature(DeclaredShape.Unary, request, response),
    };

    /// <summary>Shapes 7' and 8': a first message, then a dialogue or the stream.</summary>
    private static Signature? ReadAfterFirst(ITypeSymbol first, Signature? rest) => rest switch
    {
        { Shape: DeclaredShape.Dialogue } dialogue => dialogue with { Shape = DeclaredShape.FirstThenDialogue, First = first },
        { Shape: DeclaredShape.Raw } raw => raw with { Shape = DeclaredShape.FirstThenRaw, First = first },
        _ => null,
    };

    private static bool IsNullable(ITypeSymbol? type) =>
        type is { NullableAnnotation: NullableAnnotation.Annotated } or INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };
}
