using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the policies of an operation: the member's over the interface's.</summary>
internal static class PolicyParser
{
    private const uint FirstApplicationCode = 0x10000;

    public static PolicyModel Parse(ParseContext context, IMethodSymbol method, Signature signature) => new(
        Access(context, method) ?? Access(context, context.Protocol), ResetCodes(context, method), PerPeer(context, method, signature));

    /// <summary>Whether naming one of the exceptions draws a warning.</summary>
    public static bool NamesObsolete(ISymbol symbol) =>
        symbol.Attributes("ResetCodeAttribute").Any(attribute => ExceptionOf(attribute).IsObsolete());

    private static string? Access(ParseContext context, ISymbol symbol)
    {
        if (symbol.Attribute("AccessAttribute") is not { } attribute || attribute.Named<string>("Policy") is not { } policy)
        {
            return null;
        }

        if (policy.Trim().Length == 0)
        {
            context.Report(attribute, DeclarationProblemKind.InvalidAccessPolicy, symbol.Name);
        }

        return policy;
    }

    private static int? PerPeer(ParseContext context, IMethodSymbol method, Signature signature)
    {
        if (method.Attribute("PerPeerAttribute") is not { } attribute)
        {
            return null;
        }

        int count = attribute.ConstructorArguments.FirstOrDefault().Value as int? ?? 0;
        bool isStanding = signature is { Shape: OperationShape.Duplex } or { Shape: OperationShape.ClientStream, Response: null };
        if (count < 1 || !isStanding)
        {
            context.Report(attribute, DeclarationProblemKind.InvalidPerPeer, method.Name);
        }

        return count;
    }

    /// <summary>Member before interface, then the most derived type first: the first that matches an exception is the closest.</summary>
    private static EquatableArray<ResetCodeModel> ResetCodes(ParseContext context, IMethodSymbol method)
    {
        List<(INamedTypeSymbol Type, ResetCodeModel Model)> codes = [];
        foreach (ISymbol level in new ISymbol[] { method, context.Protocol })
        {
            List<(INamedTypeSymbol Type, ResetCodeModel Model)> own = [];
            foreach (AttributeData attribute in level.Attributes("ResetCodeAttribute"))
            {
                if (TryRead(context, attribute) is { } read)
                {
                    if (own.Any(other => other.Model.Code == read.Model.Code || other.Model.Exception == read.Model.Exception))
                    {
                        context.Report(attribute, DeclarationProblemKind.InvalidResetCode, read.Type.Name);
                    }

                    own.Add(read);
                }
            }

            codes.AddRange(own.Where(read => codes.All(other => other.Model.Exception != read.Model.Exception)));
        }

        return codes.OrderByDescending(code => DepthOf(code.Type)).Select(code => code.Model).ToEquatableArray();
    }

    private static (INamedTypeSymbol Type, ResetCodeModel Model)? TryRead(ParseContext context, AttributeData attribute)
    {
        uint code = attribute.ConstructorArguments.FirstOrDefault().Value as uint? ?? 0;
        ITypeSymbol? type = ExceptionOf(attribute);
        if (type is IErrorTypeSymbol || (type is not null && type.IsUnresolved()))
        {
            context.IsUnresolved = true;
            return null;
        }

        if (code < FirstApplicationCode || type is not INamedTypeSymbol { IsUnboundGenericType: false } exception || !IsException(exception) || !exception.IsNameable())
        {
            context.Report(attribute, DeclarationProblemKind.InvalidResetCode, type?.Name ?? "null");
            return null;
        }

        return (exception, new ResetCodeModel(code, exception.Qualified(), ConstructorOf(exception, context.Protocol.ContainingAssembly)));
    }

    private static ITypeSymbol? ExceptionOf(AttributeData attribute) =>
        attribute.ConstructorArguments.ElementAtOrDefault(1) is { Kind: TypedConstantKind.Type, Value: ITypeSymbol type } ? type : null;

    private static bool IsException(INamedTypeSymbol type) => BasesOf(type).Any(known => known.Is("System", "Exception"));

    private static int DepthOf(INamedTypeSymbol type) => BasesOf(type).Count();

    private static ExceptionConstructor ConstructorOf(INamedTypeSymbol type, IAssemblySymbol user)
    {
        bool isDemanding = BasesOf(type).SelectMany(known => known.GetMembers())
            .Any(member => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true });
        if (type.IsAbstract || isDemanding)
        {
            return ExceptionConstructor.None;
        }

        IMethodSymbol[] usable = [.. type.InstanceConstructors.Where(candidate => IsUsable(candidate, user))];
        return usable.Any(candidate => Takes(candidate, "String", "Exception")) ? ExceptionConstructor.MessageAndCause
            : usable.Any(candidate => Takes(candidate, "String")) ? ExceptionConstructor.Message
            : usable.Any(candidate => Takes(candidate)) ? ExceptionConstructor.Empty
            : ExceptionConstructor.None;
    }

    private static bool IsUsable(IMethodSymbol candidate, IAssemblySymbol user) => !candidate.IsObsolete()
        && (candidate.DeclaredAccessibility == Accessibility.Public
            || (candidate.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedOrInternal
                && SymbolEqualityComparer.Default.Equals(candidate.ContainingAssembly, user)));

    private static bool Takes(IMethodSymbol candidate, params string[] types) =>
        candidate.Parameters.Length == types.Length
        && candidate.Parameters.Zip(types, (parameter, type) => parameter.RefKind == RefKind.None && parameter.Type.Is("System", type)).All(fits => fits);

    private static IEnumerable<INamedTypeSymbol> BasesOf(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            yield return current;
        }
    }
}
