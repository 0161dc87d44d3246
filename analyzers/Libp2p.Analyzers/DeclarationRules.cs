using System.Collections.Immutable;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using static Libp2p.Generators.Parsing.DeclarationProblemKind;
using static Microsoft.CodeAnalysis.DiagnosticSeverity;

namespace Libp2p.Analyzers;

/// <summary>
/// The rule of each mistake that the parser finds: one entry per kind. They are errors, because a flawed declaration generates nothing.
/// An id is never used again for something else. Tens: 0 interface, 1 ids, 2 signatures, 3 settings,
/// 4 and 5 operations on one id.
/// </summary>
internal static class DeclarationRules
{
    private static readonly Dictionary<DeclarationProblemKind, DiagnosticDescriptor> s_rules = new()
    {
        [NotPartial] = new(
            "P2P0001", "A protocol is a partial interface", "Make '{0}' partial: the generator adds the protocol's value to it",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0001")),
        [ContainerNotPartial] = new(
            "P2P0002", "A protocol is nested in partial types only", "Make '{1}' partial: the generator adds to '{0}' within it",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0002")),
        [Generic] = new(
            "P2P0003", "A protocol has no type parameters", "Remove the type parameters of '{0}' and of the types around it: an id on the wire has none",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0003")),
        [NotAccessible] = new(
            "P2P0004", "A protocol can be seen in its assembly", "Make '{0}' internal or public: the generated client has to name it",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0004")),
        [NotAnOperation] = new(
            "P2P0005", "A member of a protocol is a method", "'{0}' cannot go over the wire: declare a method that is neither static nor generic, or give it a body",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0005")),
        [InheritedOperation] = new(
            "P2P0006", "A protocol declares its own operations", "Declare '{1}' in the protocol itself: what is inherited from '{0}' may only be helpers with a body",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0006")),
        [NoOperations] = new(
            "P2P0007", "A protocol has operations", "Declare at least one method without a body in '{0}'",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0007")),
        [NameTaken] = new(
            "P2P0008", "A name is the generator's", "Rename '{0}': the generator needs the name '{1}'",
            Category.Interface, Error, true, null, HelpPage.Of("P2P0008")),

        [NoIds] = new(
            "P2P0010", "A protocol has an id", "Give '{0}' at least one protocol id, newest first: [Protocol(\"/name/1.0.0\")]",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0010")),
        [MalformedId] = new(
            "P2P0011", "A protocol id is well-formed", "'{0}' is no protocol id: it begins with '/', has no empty segment and no white space, and each parameter has a default",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0011")),
        [DuplicateId] = new(
            "P2P0012", "Each protocol id is named once", "Remove '{1}' from '{0}': the id stands there already, as it is or by a default",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0012")),
        [ConflictingParameter] = new(
            "P2P0013", "A parameter of ids has one default", "Give each parameter in the ids of '{0}' the same default everywhere, and a name other than 'protocol'",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0013")),
        [MalformedSuffix] = new(
            "P2P0014", "What an operation adds to the id is well-formed", "'{0}' cannot follow a protocol id: it has no slash at its ends, no empty segment, no white space and no braces, and together they have at most 1,023 bytes",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0014")),
        [AmbiguousId] = new(
            "P2P0015", "Operations are told apart", "Nothing tells '{0}' from another operation: give it an id with [Id] that no other has",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0015")),
        [UnknownSince] = new(
            "P2P0016", "[Since] names a declared id", "'{0}' is none of the protocol's ids: write one of them to the letter",
            Category.Ids, Error, true, null, HelpPage.Of("P2P0016")),

        [UnsupportedSignature] = new(
            "P2P0020", "The signature is one of the shapes", "The signature of '{0}' is none of the shapes: it takes at most one message, stream of messages, dialogue or stream, and returns ValueTask, ValueTask<T> or IAsyncEnumerable<T>",
            Category.Signatures, Error, true, null, HelpPage.Of("P2P0020")),
        [MissingCallContext] = new(
            "P2P0021", "An operation takes a CallContext", "Let '{0}' take 'CallContext context = default' last: without it nobody can cancel the call or tell who calls",
            Category.Signatures, Error, true, null, HelpPage.Of("P2P0021")),
        [DuplicateOperation] = new(
            "P2P0022", "Operations have different names", "Rename one of the operations called '{0}': overloads, 'Async' at the end and the case of the first letter do not tell them apart",
            Category.Signatures, Error, true, null, HelpPage.Of("P2P0022")),
        [UnknownCodec] = new(
            "P2P0023", "A message has a codec", "'{0}' has no codec for '{1}': use a protobuf message, bytes or text, or add [Json<TContext>] or [Codec<TCodec>]",
            Category.Signatures, Error, true, null, HelpPage.Of("P2P0023")),
        [AmbiguousCodec] = new(
            "P2P0024", "A message has one codec", "'{0}' has two codecs for '{1}': remove one [Codec]",
            Category.Signatures, Error, true, null, HelpPage.Of("P2P0024")),

        [InvalidLimit] = new(
            "P2P0031", "A limit is not negative", "'{0}' is negative: leave it out for the default, or write Seconds.Unbounded for a time without a bound",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0031")),
        [InvalidFraming] = new(
            "P2P0032", "The framing fits", "The framing of '{0}' cannot be used: only Framing.Fixed has a Size, above 0, and Framing.None goes neither with an optional reply nor with [Reuse]",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0032")),
        [FramingNeedsOneMessage] = new(
            "P2P0033", "Framing.None carries one message", "'{0}' sends several messages in one direction, and with Framing.None nothing would tell them apart",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0033")),
        [ReuseNeedsRequest] = new(
            "P2P0034", "A reused stream carries requests", "'{0}' cannot share a reused stream: only a request with or without a reply can be followed by the next",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0034")),
        [FramingNeedsFirstMessage] = new(
            "P2P0035", "Only a first message is framed on its own", "[Framing] on this parameter of '{0}' frames nothing: it stands on the first message of a dialogue or stream, on the method, or on the interface",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0035")),
        [MergeNeedsPullOrPush] = new(
            "P2P0036", "Merging is for pull and push", "'{0}' cannot be merged: only the one message of a pull or a push ends with its stream",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0036")),
        [MergeNeedsProtobuf] = new(
            "P2P0037", "Merging is for protobuf", "The message of '{0}' cannot be merged: only protobuf says what several frames are together",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0037")),
        [MergeNeedsEndOfStream] = new(
            "P2P0038", "A merged message ends with its stream", "'{0}' cannot be merged: with Framing.None or [Reuse] the end of the stream has another meaning",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0038")),
        [FramingNeedsMessages] = new(
            "P2P0039", "Only messages are framed", "[Framing] of '{0}' frames nothing: remove it, or send a message before the raw bytes",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0039")),

        [DiscriminatorAndEnvelope] = new(
            "P2P0040", "One thing tells operations apart", "'{0}' has both a discriminator and an envelope: remove one",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0040")),
        [UnknownDiscriminator] = new(
            "P2P0041", "The discriminator is a field of the message", "'{0}' has no field '{1}' that could be the discriminator: it is a property of a generated message, an enum or a 32-bit integer",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0041")),
        [DiscriminatorWithoutPresence] = new(
            "P2P0042", "The discriminator has presence", "Declare '{1}' of '{0}' as 'optional' in the schema: otherwise its value 0 is not sent, and the remote reads another operation or none",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0042")),
        [DiscriminatorNeedsProtobuf] = new(
            "P2P0043", "A discriminator is a field of a protobuf message", "'{1}' of '{0}' is no protobuf message, so it carries no discriminator",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0043")),
        [AmbiguousDiscriminator] = new(
            "P2P0044", "The discriminator is one field", "'{0}' and '{1}' are told apart by different fields: use messages that have the discriminator under the same number, or one envelope",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0044")),
        [OnWithoutDiscriminator] = new(
            "P2P0045", "[On] is a value of the discriminator", "Name the discriminator that [On] of '{0}' is a value of: [Protocol(…, Discriminator = nameof(…))]",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0045")),
        [MissingOn] = new(
            "P2P0046", "Each operation has a value of the discriminator", "Give '{0}' its value of the discriminator with [On]: other operations share its id",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0046")),
        [InvalidOn] = new(
            "P2P0047", "The value is one of the discriminator", "The value for '{0}' is none of '{1}': write a constant of its enum, or an integer",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0047")),
        [DuplicateOn] = new(
            "P2P0048", "Each value selects one operation", "The value for '{0}' selects another operation already",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0048")),
        [EnvelopeNeedsOneof] = new(
            "P2P0049", "An envelope has one oneof", "'{0}' is no envelope: it is a generated protobuf message with exactly one oneof",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0049")),
        [NotInEnvelope] = new(
            "P2P0050", "A message is a member of the envelope", "'{1}' of '{0}' is neither a member of the oneof of '{2}', nor an interface that members implement, nor '{2}' itself",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0050")),
        [AmbiguousEnvelopeCase] = new(
            "P2P0051", "A message is one member of the envelope", "Of '{0}' nothing tells which member of the envelope its '{1}' is, or another operation has it: give each its own message type",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0051")),
        [SharedIdNeedsFirstMessage] = new(
            "P2P0052", "An operation on a shared id begins with one message", "'{0}' cannot share its id: only an operation that begins with one request can be told from others",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0052")),
        [SharedIdFramingDiffers] = new(
            "P2P0053", "Operations on one id frame alike", "Frame the first message of '{0}' as that of '{1}': both come in on the same id, and it is read before anything tells which",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0053")),
        [SharedIdConnectionDiffers] = new(
            "P2P0054", "Operations on one id run on the same connections", "Give '{0}' and '{1}' the same [Connection]: a remote chooses an id, and the operation only later",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0054")),
        [SharedIdAccessDiffers] = new(
            "P2P0055", "Operations on one id have one access policy", "Give '{0}' and '{1}' the same [Access]: a remote chooses an id, and the operation only later",
            Category.Dispatch, Error, true, null, HelpPage.Of("P2P0055")),
        [InvalidAccessPolicy] = new(
            "P2P0060", "An access policy has a name", "Name the policy of '{0}', as the node that serves it registers it, or remove [Access]",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0060")),
        [InvalidResetCode] = new(
            "P2P0061", "A reset code is the application's own", "[ResetCode] needs a code from 0x10000 and an exception type, each once, the interface's among them: '{0}' does not fit",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0061")),
        [InvalidPerPeer] = new(
            "P2P0062", "A stream for each peer carries messages only", "'{0}' cannot keep streams to its peers: [PerPeer] takes a number from 1, on a client stream without a result or a duplex",
            Category.Settings, Error, true, null, HelpPage.Of("P2P0062")),
    };

    /// <summary>The rules, in the order of their kinds.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All { get; } = [.. s_rules.Values];

    /// <summary>The rule of a mistake.</summary>
    public static DiagnosticDescriptor Of(DeclarationProblemKind kind) => s_rules[kind];
}
