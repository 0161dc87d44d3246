using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the policies of an operation: the member's over the interface's.</summary>
internal static class PolicyParser
{
    private const uint FirstApplicationCode = 0x10000;

    public static PolicyModel Parse(ParseContext context, IMethodSymbol method, Signature signature) =>
        new(Access(context, method), ResetCodes(context, method), PerPeer(context, method, signature), method.Attribute("IdempotentAttribute") is not null);

    /// <summary>Whether naming one of the exceptions draws a warning.</summary>
    public static bool NamesObsolete(ISymbol symbol) =>
        symbol.Attributes("ResetCodeAttribute").Any(attribute => ExceptionOf(attribute).IsObsolete());

    /// <summary>The member's attribute over the interface's: one without a policy opens the member to anyone.</summary>
    private static string? Access(ParseContext context, IMethodSymbol method)
    {
        AttributeData? declared = null;
        foreach (ISymbol level in new ISymbol[] { context.Protocol, method })
        {
            if (level.Attribute("AccessAttribute") is { } attribute)
            {
                declared = attribute;
                if (attribute.Named<string>("Policy")?.Trim().Length == 0)
                {
                    context.Report(attribute, DeclarationProblemKind.InvalidAccessPolicy, level.Name);
                }
            }
        }

        return declared?.Named<string>("Policy");
    }

    private static int? PerPeer(ParseContext context, IMethodSymbol method, Signature signature)
    {
        if (method.Attribute("PerPeerAttribute") is not { } attribute)
        {
            return null;
        }

        int count = attribute.ConstructorArguments.FirstOrDefault().Value as int? ?? 0;
        bool isStanding = signature is { Shape: DeclaredShape.Duplex } or { Shape: DeclaredShape.ClientStream, Response: null };
        if (count < 1 || !isStanding)
        {
            context.Report(attribute, DeclarationProblemKind.InvalidPerPeer, method.Name);
        }

        return count;
    }

    /// <summary>
    /// The member's, and those of the interface for other exceptions; the most derived type first, so that the first that matches an
    /// exception is the closest. On the wire there is only the code: it may stand for one of them.
    /// </summary>
    private static EquatableArray<ResetCodeModel> ResetCodes(ParseContext context, IMethodSymbol method)
    {
        List<DeclaredCode> own = ReadAll(context, method);
        List<DeclaredCode> inherited =
            [.. ReadAll(context, context.Protocol).Where(general => own.All(closer => closer.Model.Exception != general.Model.Exception))];
        foreach (DeclaredCode reused in own.Where(closer => inherited.Any(general => general.Model.Code == closer.Model.Code)))
        {
            context.Report(reused.Attribute, DeclarationProblemKind.InvalidResetCode, reused.Type.Name);
        }

        return own.Concat(inherited).OrderByDescending(code => DepthOf(code.Type)).Select(code => code.Model).ToEquatableArray();
    }

    /// <summary>The codes of one level, where each type and each code stands once.</summary>
    private static List<DeclaredCode> ReadAll(ParseContext context, ISymbol level)
    {
        List<DeclaredCode> codes = [];
        foreach (DeclaredCode read in level.Attributes("ResetCodeAttribute").Select(attribute => TryRead(context, attribute)).OfType<DeclaredCode>())
        {
            if (codes.Any(other => other.Model.Code == read.Model.Code || other.Model.Exception == read.Model.Exception))
            {
                context.Report(read.Attribute, DeclarationProblemKind.InvalidResetCode, read.Type.Name);
            }

            codes.Add(read);
        }

        return codes;
    }

    private static DeclaredCode? TryRead(ParseContext context, AttributeData attribute)
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

        context.Silence(exception);
        ResetCodeModel model = new(code, context.NameOf(exception), ConstructorOf(exception, context.Protocol.ContainingAssembly));
        return new DeclaredCode(attribute, exception, model);
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

    /// <summary>One <c>[ResetCode]</c>.</summary>
    private sealed record DeclaredCode(AttributeData Attribute, INamedTypeSymbol Type, ResetCodeModel Model);
}
