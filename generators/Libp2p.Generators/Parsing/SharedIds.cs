using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Checks operations that share an id: their first messages must tell them apart, and until then nothing else may.</summary>
internal static class SharedIds
{
    /// <summary>Whether anything but an id of its own tells the protocol's operations apart.</summary>
    public static bool AreAllowed(ParseContext context, IReadOnlyList<OperationModel> operations) =>
        DiscriminatorParser.NameOf(context.Protocol) is not null
        || operations.All(operation => context.MethodsOf(operation).Any(method => EnvelopeParser.AttributeOf(context, method) is not null));

    /// <summary>Reports what keeps the operations from sharing their id.</summary>
    public static void Check(ParseContext context, IReadOnlyList<OperationModel> operations)
    {
        HashSet<int> taken = [];
        foreach (OperationModel operation in operations)
        {
            IMethodSymbol method = context.MethodsOf(operation).First();
            if (!BeginsWithOneMessage(operation))
            {
                context.Report(method, DeclarationProblemKind.SharedIdNeedsFirstMessage, operation.Name);
            }
            else if (operation.Selection is not { } selection)
            {
                ReportMissing(context, method);
            }
            else if (!selection.ReadsAs(operations[0].Selection))
            {
                context.Report(method, DeclarationProblemKind.AmbiguousDiscriminator, operation.Name, operations[0].Name);
            }
            else if (!selection.Numbers.All(taken.Add))
            {
                ReportDuplicate(context, method);
            }

            if ((operation.FirstFraming ?? operation.Framing) != (operations[0].FirstFraming ?? operations[0].Framing))
            {
                context.Report(method, DeclarationProblemKind.SharedIdFramingDiffers, operation.Name, operations[0].Name);
            }

            if (operation.Connection != operations[0].Connection)
            {
                context.Report(method, DeclarationProblemKind.SharedIdConnectionDiffers, operation.Name, operations[0].Name);
            }

            if (operation.Policy.Access != operations[0].Policy.Access)
            {
                context.Report(method, DeclarationProblemKind.SharedIdAccessDiffers, operation.Name, operations[0].Name);
            }
        }
    }

    private static bool BeginsWithOneMessage(OperationModel operation) => operation.Shape switch
    {
        DeclaredShape.Unary or DeclaredShape.FirstThenDialogue or DeclaredShape.FirstThenRaw => true,
        DeclaredShape.Push => operation.MaxFrames is null,
        DeclaredShape.ServerStream => operation.Request is not null,
        _ => false,
    };

    /// <summary>A flawed message or value was reported where it stands, and selects nothing either.</summary>
    private static void ReportMissing(ParseContext context, IMethodSymbol method)
    {
        bool isEnvelope = EnvelopeParser.AttributeOf(context, method) is not null;
        if (isEnvelope && context.Problems.Count == 0)
        {
            context.Report(method, DeclarationProblemKind.AmbiguousEnvelopeCase, method.Name, method.Parameters[0].Type.Name, "");
        }
        else if (!isEnvelope && method.Attribute("OnAttribute") is null)
        {
            context.Report(method, DeclarationProblemKind.MissingOn, method.Name);
        }
    }

    private static void ReportDuplicate(ParseContext context, IMethodSymbol method)
    {
        if (method.Attribute("OnAttribute") is { } attribute)
        {
            context.Report(attribute.ArgumentLocation(0), DeclarationProblemKind.DuplicateOn, method.Name);
        }
        else
        {
            context.Report(method, DeclarationProblemKind.AmbiguousEnvelopeCase, method.Name, method.Parameters[0].Type.Name, "");
        }
    }
}
