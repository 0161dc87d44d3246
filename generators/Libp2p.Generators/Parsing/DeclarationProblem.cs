using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Libp2p.Generators.Parsing;

/// <summary>What is wrong with a declaration, and where. The generator stays silent about it; an analyzer explains it.</summary>
/// <param name="Kind">The mistake.</param>
/// <param name="Location">The token to change.</param>
/// <param name="Arguments">What the explanation names.</param>
internal sealed record DeclarationProblem(DeclarationProblemKind Kind, LocationInfo Location, EquatableArray<string> Arguments)
{
    public static DeclarationProblem At(ISymbol symbol, DeclarationProblemKind kind, params string[] arguments) =>
        new(kind, LocationInfo.Of(symbol.Locations.FirstOrDefault()), arguments.ToEquatableArray());

    public static DeclarationProblem At(AttributeData attribute, DeclarationProblemKind kind, params string[] arguments) =>
        new(kind, LocationInfo.Of(attribute.ApplicationSyntaxReference?.GetSyntax().GetLocation()), arguments.ToEquatableArray());
}

/// <summary>A place in the source that compares by value.</summary>
internal sealed record LocationInfo(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo Of(Location? location) => location is { SourceTree: { } tree }
        ? new LocationInfo(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span)
        : new LocationInfo("", default, default);

    public Location ToLocation() => Location.Create(Path, Span, Lines);
}

/// <summary>The mistakes in a declaration.</summary>
internal enum DeclarationProblemKind
{
    // The interface
    NotPartial,
    ContainerNotPartial,
    Generic,
    NotAccessible,
    NotAnOperation,
    InheritedOperation,
    NoOperations,
    NameTaken,

    // Ids
    NoIds,
    MalformedId,
    DuplicateId,
    MalformedSuffix,
    AmbiguousId,
    UnknownSince,

    // Signatures
    UnsupportedSignature,
    MissingCallContext,
    DuplicateOperation,
    UnknownCodec,
    AmbiguousCodec,

    // Settings
    InvalidLimit,
    InvalidFraming,
    FramingNeedsOneMessage,
    ReuseNeedsRequest,

    // Policies
    InvalidAccessPolicy,
    InvalidResetCode,
    InvalidPerPeer,

    /// <summary>Declared in a way that is designed but not generated yet.</summary>
    NotSupportedYet,
}
