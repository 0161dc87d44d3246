using System.Collections.Immutable;
using Libp2p.Generators.Parsing;
using Microsoft.CodeAnalysis;
using static Libp2p.Generators.Parsing.DeclarationProblemKind;

namespace Libp2p.Analyzers;

/// <summary>
/// The rule of each mistake that the parser finds: one entry per kind. They are errors, because a flawed declaration generates nothing.
/// An id is never used again for something else. Tens: 0 interface, 1 ids, 2 signatures, 3 settings, 4 and 5 operations on one id,
/// 6 settings again, 8 what the interface stands in.
/// </summary>
internal static class DeclarationRules
{
    private static readonly Dictionary<DeclarationProblemKind, DiagnosticDescriptor> s_rules = new()
    {
        [NotPartial] = Rule.Error(
            "P2P0001", Category.Interface, "A protocol is a partial interface",
            "Make '{0}' partial: the generator adds the protocol's value to it"),
        [ContainerNotPartial] = Rule.Error(
            "P2P0002", Category.Interface, "A protocol is nested in partial types only",
            "Make '{1}' partial: the generator adds to '{0}' within it"),
        [Generic] = Rule.Error(
            "P2P0003", Category.Interface, "A protocol has no type parameters",
            "Remove the type parameters of '{0}' and of the types around it: an id on the wire has none"),
        [NotAccessible] = Rule.Error(
            "P2P0004", Category.Interface, "A protocol can be seen in its assembly",
            "Make '{0}' internal or public: the generated client has to name it"),
        [NotAnOperation] = Rule.Error(
            "P2P0005", Category.Interface, "A member of a protocol is a method",
            "'{0}' cannot go over the wire: declare a method that is neither static nor generic, or give it a body"),
        [InheritedOperation] = Rule.Error(
            "P2P0006", Category.Interface, "A protocol declares its own operations",
            "Declare '{1}' in the protocol itself: what is inherited from '{0}' may only be helpers with a body"),
        [NoOperations] = Rule.Error(
            "P2P0007", Category.Interface, "A protocol has operations",
            "Declare at least one method without a body in '{0}'"),
        [NameTaken] = Rule.Error(
            "P2P0008", Category.Interface, "A name is the generator's",
            "Rename '{0}': the generator needs the name '{1}'"),

        [NoIds] = Rule.Error(
            "P2P0010", Category.Ids, "A protocol has an id",
            "Give '{0}' at least one protocol id, newest first: [Protocol(\"/name/1.0.0\")]"),
        [MalformedId] = Rule.Error(
            "P2P0011", Category.Ids, "A protocol id is well-formed",
            "'{0}' is no protocol id: it begins with '/', has no empty segment and no white space, and each parameter has a default"),
        [DuplicateId] = Rule.Error(
            "P2P0012", Category.Ids, "Each protocol id is named once",
            "Remove '{1}' from '{0}': the id stands there already, as it is or by a default"),
        [ConflictingParameter] = Rule.Error(
            "P2P0013", Category.Ids, "A parameter of ids has one default",
            "Give each parameter in the ids of '{0}' the same default everywhere, and a name other than 'protocol'"),
        [MalformedSuffix] = Rule.Error(
            "P2P0014", Category.Ids, "What an operation adds to the id is well-formed",
            "'{0}' cannot follow a protocol id: it has no slash at its ends, no empty segment, no white space and no braces, and together they have at most 1,023 bytes"),
        [AmbiguousId] = Rule.Error(
            "P2P0015", Category.Ids, "Operations are told apart",
            "Nothing tells '{0}' from another operation: give it an id with [Id] that no other has"),
        [UnknownSince] = Rule.Error(
            "P2P0016", Category.Ids, "[Since] names a declared id",
            "'{0}' is none of the protocol's ids: write one of them to the letter"),

        [UnsupportedSignature] = Rule.Error(
            "P2P0020", Category.Signatures, "The signature is one of the shapes",
            "The signature of '{0}' is none of the shapes: it takes at most one message, stream of messages, dialogue or stream, and returns ValueTask, ValueTask<T> or IAsyncEnumerable<T>"),
        [MissingCallContext] = Rule.Error(
            "P2P0021", Category.Signatures, "An operation takes a CallContext",
            "Let '{0}' take 'CallContext context = default' last: without it nobody can cancel the call or tell who calls"),
        [DuplicateOperation] = Rule.Error(
            "P2P0022", Category.Signatures, "Operations have different names",
            "Rename one of the operations called '{0}': overloads, 'Async' at the end and the case of the first letter do not tell them apart"),
        [UnknownCodec] = Rule.Error(
            "P2P0023", Category.Signatures, "A message has a codec",
            "'{0}' has no codec for '{1}': use a protobuf message, bytes or text, or add [Json<TContext>] or [Codec<TCodec>]"),
        [AmbiguousCodec] = Rule.Error(
            "P2P0024", Category.Signatures, "A message has one codec",
            "'{0}' has two codecs for '{1}': remove one [Codec]"),

        [InvalidLimit] = Rule.Error(
            "P2P0031", Category.Settings, "A limit is above zero",
            "'{0}' is {1}: leave it out for the default, or write Seconds.Unbounded for a time without a bound"),
        [InvalidFraming] = Rule.Error(
            "P2P0032", Category.Settings, "The framing fits",
            "The framing of '{0}' cannot be used: only Framing.Fixed has a Size, above 0 and within the limit of its messages, and Framing.None goes neither with an optional reply nor with [Reuse]"),
        [FramingNeedsOneMessage] = Rule.Error(
            "P2P0033", Category.Settings, "Framing.None carries one message",
            "'{0}' sends several messages in one direction, and with Framing.None nothing would tell them apart"),
        [ReuseNeedsRequest] = Rule.Error(
            "P2P0034", Category.Settings, "A reused stream carries requests",
            "'{0}' cannot share a reused stream: only a request with or without a reply can be followed by the next"),
        [FramingNeedsFirstMessage] = Rule.Error(
            "P2P0035", Category.Settings, "Only a first message is framed on its own",
            "[Framing] on this parameter of '{0}' frames nothing: it stands on the first message of a dialogue or stream, on the method, or on the interface"),
        [MergeNeedsPullOrPush] = Rule.Error(
            "P2P0036", Category.Settings, "Merging is for pull and push",
            "'{0}' cannot be merged: only the one message of a pull or a push ends with its stream"),
        [MergeNeedsProtobuf] = Rule.Error(
            "P2P0037", Category.Settings, "Merging is for protobuf",
            "The message of '{0}' cannot be merged: only protobuf says what several frames are together"),
        [MergeNeedsEndOfStream] = Rule.Error(
            "P2P0038", Category.Settings, "A merged message ends with its stream",
            "'{0}' cannot be merged: with Framing.None or [Reuse] the end of the stream has another meaning"),
        [FramingNeedsMessages] = Rule.Error(
            "P2P0039", Category.Settings, "Only messages are framed",
            "[Framing] of '{0}' frames nothing: remove it, or send a message before the raw bytes"),

        [DiscriminatorAndEnvelope] = Rule.Error(
            "P2P0040", Category.Dispatch, "One thing tells operations apart",
            "'{0}' has both a discriminator and an envelope: remove one"),
        [UnknownDiscriminator] = Rule.Error(
            "P2P0041", Category.Dispatch, "The discriminator is a field of the message",
            "'{0}' has no field '{1}' that could be the discriminator: it is a property of a generated message, an enum or a 32-bit integer"),
        [DiscriminatorWithoutPresence] = Rule.Error(
            "P2P0042", Category.Dispatch, "The discriminator has presence",
            "Declare '{1}' of '{0}' as 'optional' in the schema: otherwise its value 0 is not sent, and the remote reads another operation or none"),
        [DiscriminatorNeedsProtobuf] = Rule.Error(
            "P2P0043", Category.Dispatch, "A discriminator is a field of a protobuf message",
            "'{1}' of '{0}' is no protobuf message, so it carries no discriminator"),
        [AmbiguousDiscriminator] = Rule.Error(
            "P2P0044", Category.Dispatch, "The discriminator is one field",
            "'{0}' and '{1}' are told apart by different fields: use messages that have the discriminator under the same number, or one envelope"),
        [OnWithoutDiscriminator] = Rule.Error(
            "P2P0045", Category.Dispatch, "[On] is a value of the discriminator",
            "Name the discriminator that [On] of '{0}' is a value of: [Protocol(…, Discriminator = nameof(…))]"),
        [MissingOn] = Rule.Error(
            "P2P0046", Category.Dispatch, "Each operation has a value of the discriminator",
            "Give '{0}' its value of the discriminator with [On]: other operations share its id"),
        [InvalidOn] = Rule.Error(
            "P2P0047", Category.Dispatch, "The value is one of the discriminator",
            "The value for '{0}' is none of '{1}': write a constant of its enum, or an integer"),
        [DuplicateOn] = Rule.Error(
            "P2P0048", Category.Dispatch, "Each value selects one operation",
            "The value for '{0}' selects another operation already"),
        [EnvelopeNeedsOneof] = Rule.Error(
            "P2P0049", Category.Dispatch, "An envelope has one oneof",
            "'{0}' is no envelope: it is a generated protobuf message with exactly one oneof"),
        [NotInEnvelope] = Rule.Error(
            "P2P0050", Category.Dispatch, "A message is a member of the envelope",
            "'{1}' of '{0}' is neither a member of the oneof of '{2}', nor an interface that members implement, nor '{2}' itself"),
        [AmbiguousEnvelopeCase] = Rule.Error(
            "P2P0051", Category.Dispatch, "A message is one member of the envelope",
            "Of '{0}' nothing tells which member of the envelope its '{1}' is, or another operation has it: give each its own message type"),
        [SharedIdNeedsFirstMessage] = Rule.Error(
            "P2P0052", Category.Dispatch, "An operation on a shared id begins with one message",
            "'{0}' cannot share its id: only an operation that begins with one request can be told from others"),
        [SharedIdFramingDiffers] = Rule.Error(
            "P2P0053", Category.Dispatch, "Operations on one id frame alike",
            "Frame the first message of '{0}' as that of '{1}': both come in on the same id, and it is read before anything tells which"),
        [SharedIdConnectionDiffers] = Rule.Error(
            "P2P0054", Category.Dispatch, "Operations on one id run on the same connections",
            "Give '{0}' and '{1}' the same [Connection]: a remote chooses an id, and the operation only later"),
        [SharedIdAccessDiffers] = Rule.Error(
            "P2P0055", Category.Dispatch, "Operations on one id have one access policy",
            "Give '{0}' and '{1}' the same [Access]: a remote chooses an id, and the operation only later"),
        [InvalidAccessPolicy] = Rule.Error(
            "P2P0060", Category.Settings, "An access policy has a name",
            "Name the policy of '{0}', as the node that serves it registers it, or remove [Access]"),
        [InvalidResetCode] = Rule.Error(
            "P2P0061", Category.Settings, "A reset code is the application's own",
            "[ResetCode] needs a code from 0x10000 and an exception type, each once, the interface's among them: '{0}' does not fit"),
        [InvalidPerPeer] = Rule.Error(
            "P2P0062", Category.Settings, "A stream for each peer carries messages only",
            "'{0}' cannot keep streams to its peers: [PerPeer] takes a number from 1, on a client stream without a result or a duplex"),
        [LimitTooLarge] = Rule.Error(
            "P2P0063", Category.Settings, "A limit is one that a message can reach",
            "Lower '{0}' to {1} bytes at most: {2}"),
        [UndefinedSetting] = Rule.Error(
            "P2P0064", Category.Settings, "A setting has a name",
            "'{0}' is no member of '{1}': write one of them"),

        [LanguageTooOld] = Rule.Error(
            "P2P0080", Category.Project, "The project compiles what is generated",
            "Set LangVersion to {1} or later in the project of '{0}', or remove it: generated code does not compile in an older C#"),
        [LibraryHidden] = Rule.Error(
            "P2P0081", Category.Project, "The library has its name",
            "Generated code for '{0}' finds the library under 'global::Libp2p': add 'global' to the Aliases of the reference, and give no type the name 'Libp2p' or 'System'"),
    };

    /// <summary>The rules, in the order of their kinds.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All { get; } = [.. s_rules.Values];

    /// <summary>The rule of a mistake.</summary>
    public static DiagnosticDescriptor Of(DeclarationProblemKind kind) => s_rules[kind];
}
