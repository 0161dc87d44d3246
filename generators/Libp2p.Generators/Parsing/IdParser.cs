using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the ids of a protocol, and what its operations add to them: no two of them may come in on the same one.</summary>
internal static class IdParser
{
    /// <summary>The name of the parameter that generated <c>Bind</c> extends, which no parameter of an id may have.</summary>
    public const string Receiver = "protocol";

    /// <summary>The ids as they are declared.</summary>
    public static string[] Parse(ParseContext context, out IReadOnlyList<IdParameter> parameters)
    {
        parameters = [];
        AttributeData attribute = context.Protocol.Attribute("ProtocolAttribute")!;
        string?[] ids = IdsOf(attribute);
        if (ids.Length == 0)
        {
            context.Report(attribute, DeclarationProblemKind.NoIds, context.Protocol.Name);
        }

        HashSet<string> known = new(StringComparer.Ordinal);
        for (int i = 0; i < ids.Length; i++)
        {
            if (ids[i] is not { } id || !ProtocolIds.IsWellFormed(id))
            {
                context.Report(attribute.ArgumentLocation(i), DeclarationProblemKind.MalformedId, ids[i] ?? "null");
            }
            else if (!known.Add(ProtocolIds.Bound(id)))
            {
                context.Report(attribute.ArgumentLocation(i), DeclarationProblemKind.DuplicateId, context.Protocol.Name, id);
            }
        }

        string[] texts = [.. ids.Select(id => id ?? "")];
        if (ProtocolIds.ParametersOf(texts) is { } read && read.All(parameter => parameter.Name != Receiver))
        {
            parameters = read;
        }
        else
        {
            context.Report(attribute, DeclarationProblemKind.ConflictingParameter, context.Protocol.Name);
        }

        return texts;
    }

    /// <summary>Whether the ids of the declaration have parameters, for which the generator adds <c>Bind</c>.</summary>
    public static bool HasParameters(INamedTypeSymbol protocol) =>
        protocol.Attribute("ProtocolAttribute") is { } attribute && ProtocolIds.ParametersOf(IdsOf(attribute).OfType<string>()) is not { Count: 0 };

    /// <summary>What <c>[Id]</c> adds to the protocol's ids; null without it.</summary>
    public static string? ParseSuffix(ParseContext context, IMethodSymbol method, IReadOnlyList<string> ids)
    {
        if (method.Attribute("IdAttribute") is not { } attribute)
        {
            return null;
        }

        string suffix = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
        if (!ProtocolIds.IsSuffix(suffix) || ids.Any(id => ProtocolIds.IsWellFormed(id) && !ProtocolIds.Fits(id, suffix)))
        {
            context.Report(attribute, DeclarationProblemKind.MalformedSuffix, suffix);
        }

        return suffix;
    }

    /// <summary>The oldest id that knows the operation; null: all do.</summary>
    public static string? ParseSince(ParseContext context, IMethodSymbol method, IReadOnlyList<string> ids)
    {
        if (method.Attribute("SinceAttribute") is not { } attribute)
        {
            return null;
        }

        string since = attribute.ConstructorArguments.FirstOrDefault().Value as string ?? "";
        if (!ids.Contains(since))
        {
            context.Report(attribute, DeclarationProblemKind.UnknownSince, since);
        }

        return since;
    }

    /// <summary>
    /// Reports operations that nothing tells apart: the same addition without anything in the first message, or different ones that
    /// make the same id of different ids.
    /// </summary>
    public static void CheckDistinct(ParseContext context, IReadOnlyList<string> ids, IReadOnlyList<OperationModel> operations)
    {
        foreach (IGrouping<string?, OperationModel> same in operations.GroupBy(operation => operation.Suffix).Where(group => group.Count() > 1))
        {
            if (SharedIds.AreAllowed(context, [.. same]))
            {
                SharedIds.Check(context, [.. same]);
                continue;
            }

            // Each that has no id of its own needs one; of those that share one, the first may keep it.
            foreach (OperationModel operation in same.Skip(same.Key is null ? 0 : 1))
            {
                context.Report(context.MethodsOf(operation).First(), DeclarationProblemKind.AmbiguousId, operation.Name);
            }
        }

        Dictionary<string, string?> taken = new(StringComparer.Ordinal);
        foreach (OperationModel operation in operations)
        {
            foreach (string id in FullIdsOf(operation, ids))
            {
                if (!taken.TryGetValue(id, out string? suffix))
                {
                    taken.Add(id, operation.Suffix);
                }
                else if (suffix != operation.Suffix)
                {
                    context.Report(context.MethodsOf(operation).First(), DeclarationProblemKind.AmbiguousId, operation.Name);
                }
            }
        }
    }

    private static IEnumerable<string> FullIdsOf(OperationModel operation, IReadOnlyList<string> ids)
    {
        int known = operation.Since is { } since ? ids.TakeWhile(id => id != since).Count() + 1 : ids.Count;
        return ids.Take(known).Select(id => ProtocolIds.Full(id, operation.Suffix));
    }

    private static string?[] IdsOf(AttributeData attribute) =>
        attribute.ConstructorArguments.FirstOrDefault() is { Kind: TypedConstantKind.Array, IsNull: false } list
            ? [.. list.Values.Select(value => value.Value as string)]
            : [];
}
