using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>Reads of how many frames a message may be merged.</summary>
internal static class MergeParser
{
    private const int Default = 10;

    /// <summary>The most frames, or null where a message is one.</summary>
    public static int? Parse(ParseContext context, IMethodSymbol method, DeclaredShape shape, MessageModel? message, string? framing)
    {
        if (method.Attribute("MergeAttribute") is not { } attribute)
        {
            return null;
        }

        int frames = attribute.NamedArguments.Any(argument => argument.Key == "MaxFrames") ? attribute.Named<int>("MaxFrames") : Default;
        if (frames < 1)
        {
            context.Report(attribute.ArgumentLocation("MaxFrames"), DeclarationProblemKind.InvalidLimit, "MaxFrames", $"{frames}");
        }

        if (shape is not (DeclaredShape.Pull or DeclaredShape.Push))
        {
            context.Report(attribute, DeclarationProblemKind.MergeNeedsPullOrPush, method.Name);
        }
        else if (message is { IsProtobuf: false })
        {
            context.Report(attribute, DeclarationProblemKind.MergeNeedsProtobuf, method.Name);
        }

        // Both have another use for the end of the stream than to complete a message of several frames.
        if (framing == FramingParser.None || context.Protocol.Attribute("ReuseAttribute") is not null)
        {
            context.Report(attribute, DeclarationProblemKind.MergeNeedsEndOfStream, method.Name);
        }

        return frames;
    }
}
