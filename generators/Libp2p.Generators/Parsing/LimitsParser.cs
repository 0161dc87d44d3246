using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the bounds of an operation: the member's over the interface's, 0 for what is not set.</summary>
internal static class LimitsParser
{
    public static LimitsModel Parse(ParseContext context, IMethodSymbol method)
    {
        AttributeData?[] levels = [method.Attribute("LimitsAttribute"), context.Protocol.Attribute("LimitsAttribute")];
        foreach (AttributeData attribute in levels.OfType<AttributeData>())
        {
            Check(context, attribute);
        }

        int? Value(string name) => levels.Select(level => level?.Named<int>(name)).FirstOrDefault(value => value is not (null or 0));
        int? Bound(string name) => levels
            .Select(level => level is null ? 0 : level.Named<int>(name) is var own and not 0 ? own : level.Named<int>("MaxMessage"))
            .Where(value => value != 0)
            .Select(value => (int?)value)
            .FirstOrDefault();

        return new LimitsModel(
            Bound("MaxRequest"),
            Bound("MaxResponse"),
            Value("MaxSend"),
            Value("MaxElements"),
            Value("ExchangeSeconds"),
            Value("ReadSeconds"),
            Value("IdleSeconds"),
            Value("InboundPerPeer"),
            Value("OutboundPerPeer"),
            levels.Select(level => level?.NamedEnum("WhenFull")).FirstOrDefault(value => value is not (null or "Default")));
    }

    private static void Check(ParseContext context, AttributeData attribute)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            int least = argument.Key.EndsWith("Seconds", StringComparison.Ordinal) ? LimitsModel.Unbounded : 0;
            if (argument.Value.Value is int value && value < least)
            {
                context.Report(attribute, DeclarationProblemKind.InvalidLimit, argument.Key);
            }
        }
    }
}
