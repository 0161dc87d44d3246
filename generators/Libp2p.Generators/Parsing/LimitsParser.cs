using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads the bounds of an operation: the member's over the interface's, and neither where nothing is set.</summary>
internal static class LimitsParser
{
    /// <summary>
    /// The longest message that any declaration may allow, in bytes: a message is in one piece, and an array has fewer than 2³¹ elements,
    /// among them the parts of other messages (docs/limits.md).
    /// </summary>
    private const int LongestMessage = 1 << 30;

    /// <summary>The bound of a message for which none is declared, in bytes.</summary>
    private const int Default = 64 << 10;

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

    /// <summary>Reports bounds that the operation's framing cannot keep: a message that they allow could never be sent.</summary>
    public static void CheckFits(ParseContext context, IMethodSymbol method, OperationModel operation)
    {
        List<(string Name, int Bound)> bounds = [];
        if (operation.Request is not null || operation.First is not null)
        {
            bounds.Add(("MaxRequest", operation.Limits.MaxRequest ?? Default));
        }

        if (operation.Response is not null)
        {
            bounds.Add(("MaxResponse", operation.Limits.MaxResponse ?? Default));
        }

        foreach ((string name, int bound) in bounds)
        {
            if (operation.MaxFrames is { } frames and > 1 && (long)bound * frames > LongestMessage)
            {
                context.Report(method, DeclarationProblemKind.LimitTooLarge, name, $"{LongestMessage / frames}", "all frames of [Merge] make one message");
            }

            if (FramingParser.FixedSizeOf(operation.Framing) > bound)
            {
                context.Report(method, DeclarationProblemKind.InvalidFraming, operation.Name);
            }
        }

        // 64 KiB is the default, and the round number for one byte less.
        foreach ((string name, _) in bounds.Append(("MaxSend", operation.Limits.MaxSend ?? 0))
            .Where(bound => operation.Framing == FramingParser.UInt16 && bound.Item2 > Default))
        {
            context.Report(method, DeclarationProblemKind.LimitTooLarge, name, $"{ushort.MaxValue}", "the length before each message has 16 bits");
        }

        if (FramingParser.FixedSizeOf(operation.FirstFraming) > (operation.Limits.MaxRequest ?? Default))
        {
            context.Report(method, DeclarationProblemKind.InvalidFraming, operation.Name);
        }
    }

    /// <summary>
    /// Reports numbers that bound nothing or more than there can be. A time of any number of seconds is one that TimeSpan holds.
    /// </summary>
    private static void Check(ParseContext context, AttributeData attribute)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument.Value is not { Kind: TypedConstantKind.Primitive, Value: int value })
            {
                continue;
            }

            bool isTime = argument.Key.EndsWith("Seconds", StringComparison.Ordinal);
            if (value <= 0 && !(isTime && value == LimitsModel.Unbounded))
            {
                context.Report(attribute.ArgumentLocation(argument.Key), DeclarationProblemKind.InvalidLimit, argument.Key, $"{value}");
            }

            if (value > LongestMessage && argument.Key is ("MaxMessage" or "MaxRequest" or "MaxResponse" or "MaxSend"))
            {
                context.Report(attribute.ArgumentLocation(argument.Key), DeclarationProblemKind.LimitTooLarge, argument.Key, $"{LongestMessage}", "no message is longer");
            }
        }
    }
}
