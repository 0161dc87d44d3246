using Libp2p.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Libp2p.Generators.Parsing;

/// <summary>
/// What is wrong with a declaration, and where. The generator stays silent about it and carries none of it from step to step; an
/// analyzer explains it.
/// </summary>
/// <param name="Kind">The mistake.</param>
/// <param name="Location">The token to change.</param>
/// <param name="Arguments">What the explanation names.</param>
internal sealed record DeclarationProblem(DeclarationProblemKind Kind, Location Location, EquatableArray<string> Arguments)
{
    public static DeclarationProblem At(ISymbol symbol, DeclarationProblemKind kind, params string[] arguments) =>
        At(symbol.Locations.FirstOrDefault(location => !GeneratedFiles.Holds(location)), kind, arguments);

    public static DeclarationProblem At(AttributeData attribute, DeclarationProblemKind kind, params string[] arguments) =>
        At(attribute.ApplicationSyntaxReference?.GetSyntax().GetLocation(), kind, arguments);

    public static DeclarationProblem At(Location? location, DeclarationProblemKind kind, params string[] arguments) =>
        new(kind, location ?? Location.None, arguments.ToEquatableArray());
}

/// <summary>The mistakes in a declaration.</summary>
internal enum DeclarationProblemKind
{
    // What the interface stands in
    LanguageTooOld,
    LibraryHidden,

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
    ConflictingParameter,
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
    LimitTooLarge,
    UndefinedSetting,
    InvalidFraming,
    FramingNeedsOneMessage,
    FramingNeedsFirstMessage,
    FramingNeedsMessages,
    MergeNeedsPullOrPush,
    MergeNeedsProtobuf,
    MergeNeedsEndOfStream,
    ReuseNeedsRequest,

    // Policies
    InvalidAccessPolicy,
    InvalidResetCode,
    InvalidPerPeer,

    // Operations on one id
    DiscriminatorAndEnvelope,
    UnknownDiscriminator,
    DiscriminatorWithoutPresence,
    DiscriminatorNeedsProtobuf,
    AmbiguousDiscriminator,
    OnWithoutDiscriminator,
    MissingOn,
    InvalidOn,
    DuplicateOn,
    EnvelopeNeedsOneof,
    NotInEnvelope,
    AmbiguousEnvelopeCase,
    SharedIdNeedsFirstMessage,
    SharedIdFramingDiffers,
    SharedIdConnectionDiffers,
    SharedIdAccessDiffers,
}
