using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Libp2p.Codecs;

/// <summary>What a walk over the wire format needs to know of a message type: which fields hold messages, and which are packed.</summary>
internal sealed class ProtobufShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, ProtobufShape> s_known = new();

    /// <summary>A message of which nothing is known: each field is an element.</summary>
    public static readonly ProtobufShape Unknown = new(null);

    private readonly MessageDescriptor? _descriptor;
    private readonly Lazy<int> _minElementLength;
    private readonly Lazy<bool> _hasText;
    private Fields? _fields; // made late: message types may contain themselves

    private ProtobufShape(MessageDescriptor? descriptor)
    {
        _descriptor = descriptor;
        _minElementLength = new Lazy<int>(() => descriptor is not null && HasNumbers(descriptor, []) ? 1 : 2);
        _hasText = new Lazy<bool>(() => descriptor is not null && HoldsText(descriptor, []));
    }

    public static ProtobufShape Of(MessageDescriptor? descriptor) =>
        descriptor is null ? Unknown : s_known.GetOrAdd(descriptor, static key => new ProtobufShape(key));

    /// <summary>The bytes that an element takes at the least, in this message and in those within it: one where numbers may be packed.</summary>
    public int MinElementLength => _minElementLength.Value;

    /// <summary>Whether it has text, or a message within it has.</summary>
    public bool HasText => _hasText.Value;

    /// <summary>Whether it is the entry of a map, of which a half is worth nothing.</summary>
    public bool IsMapEntry => _descriptor?.GetOptions()?.MapEntry ?? false;

    /// <summary>What a tag of one byte stands for, by its value.</summary>
    public ReadOnlySpan<ProtobufStep> Steps => Known.Steps;

    /// <summary>What is known of the message of a field, by its tag of one byte.</summary>
    public ProtobufShape Message(int tag) => Known.Messages[tag >> 3]!;

    private Fields Known => Volatile.Read(ref _fields) ?? Describe();

    /// <summary>What is known of a field.</summary>
    public ProtobufField Field(int number)
    {
        Fields fields = Known;
        return (uint)number < (uint)fields.Near.Length ? fields.Near[number] : fields.Far.GetValueOrDefault(number);
    }

    /// <summary>Reads the schema; several threads may, and find the same.</summary>
    private Fields Describe()
    {
        Fields fields = new(new ProtobufField[Fields.NearCount], [], new ProtobufStep[1 << 7], new ProtobufShape?[Fields.NearCount]);
        foreach (FieldDescriptor field in _descriptor?.Fields.InFieldNumberOrder() ?? [])
        {
            ProtobufField known = Describe(field);
            if (field.FieldNumber >= Fields.NearCount)
            {
                fields.Far[field.FieldNumber] = known;
                continue;
            }

            fields.Near[field.FieldNumber] = known;
            fields.Messages[field.FieldNumber] = known.Message;
            fields.Steps[(field.FieldNumber << 3) | (int)known.WireType] = known switch
            {
                { Kind: ProtobufFieldKind.Single, WireType: WireType.Varint } => ProtobufStep.Number,
                { Kind: ProtobufFieldKind.Single, WireType: WireType.Bytes } => ProtobufStep.Bytes,
                { Kind: ProtobufFieldKind.Each, WireType: WireType.Bytes } => ProtobufStep.EachBytes,
                { Kind: ProtobufFieldKind.Message, WireType: WireType.Bytes } => ProtobufStep.Message,
                _ => ProtobufStep.Any,
            };
        }

        Volatile.Write(ref _fields, fields);
        return fields;
    }

    /// <summary>Whether it has repeated numbers, or a message within it has.</summary>
    private static bool HasNumbers(MessageDescriptor message, HashSet<MessageDescriptor> seen) =>
        seen.Add(message) && message.Fields.InFieldNumberOrder().Any(field => field.FieldType is FieldType.Message or FieldType.Group
            ? HasNumbers(field.MessageType, seen)
            : Describe(field).Kind == ProtobufFieldKind.Numbers);

    private static bool HoldsText(MessageDescriptor message, HashSet<MessageDescriptor> seen) =>
        seen.Add(message) && message.Fields.InFieldNumberOrder().Any(field => field.FieldType switch
        {
            FieldType.String => true,
            FieldType.Message or FieldType.Group => HoldsText(field.MessageType, seen),
            _ => false,
        });

    private static ProtobufField Describe(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => new ProtobufField(ProtobufFieldKind.Message, WireType.Bytes, Of(field.MessageType)),
        FieldType.Group => new ProtobufField(ProtobufFieldKind.Message, WireType.StartGroup, Of(field.MessageType)),
        _ when !field.IsRepeated => new ProtobufField(ProtobufFieldKind.Single, WireTypeOf(field.FieldType), null, field.FieldType == FieldType.String),
        FieldType.String or FieldType.Bytes => new ProtobufField(ProtobufFieldKind.Each, WireType.Bytes, null, field.FieldType == FieldType.String),
        _ => new ProtobufField(ProtobufFieldKind.Numbers, WireTypeOf(field.FieldType), null),
    };

    private static WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.String or FieldType.Bytes => WireType.Bytes,
        FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => WireType.Fixed32,
        FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => WireType.Fixed64,
        _ => WireType.Varint,
    };

    /// <summary>A schema, read.</summary>
    /// <param name="Near">The fields whose tag is one byte, by number.</param>
    /// <param name="Far">The others.</param>
    /// <param name="Steps">What a tag of one byte stands for.</param>
    /// <param name="Messages">The messages of the near fields, for those who need no more.</param>
    private sealed record Fields(ProtobufField[] Near, Dictionary<int, ProtobufField> Far, ProtobufStep[] Steps, ProtobufShape?[] Messages)
    {
        public const int NearCount = 16;
    }
}

/// <summary>What the walk does at a tag of one byte.</summary>
internal enum ProtobufStep : byte
{
    /// <summary>What it takes to find out: a field that the schema does not have, or not so; groups, fixed and repeated numbers.</summary>
    Any,

    /// <summary>Skips a varint.</summary>
    Number,

    /// <summary>Skips bytes.</summary>
    Bytes,

    /// <summary>Counts and skips bytes.</summary>
    EachBytes,

    /// <summary>Counts a message, and walks over it.</summary>
    Message,
}

/// <summary>A field, as the walk sees it.</summary>
/// <param name="Kind">How much may hide in it.</param>
/// <param name="WireType">How its value, or each of its numbers, comes; in another way it is an unknown field.</param>
/// <param name="Message">The message it holds.</param>
/// <param name="IsText">Whether its value is text, which has to be UTF-8.</param>
internal readonly record struct ProtobufField(ProtobufFieldKind Kind, WireType WireType, ProtobufShape? Message, bool IsText = false);

/// <summary>How much may hide in a field.</summary>
internal enum ProtobufFieldKind
{
    /// <summary>Not of the schema, or repeated text or bytes: each occurrence is kept, and counts.</summary>
    Each,

    /// <summary>One value, of which the last occurrence stays.</summary>
    Single,

    /// <summary>A message, in which there may be more.</summary>
    Message,

    /// <summary>Repeated numbers, which may come in one piece.</summary>
    Numbers,
}

/// <summary>How a value is encoded.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    StartGroup = 3,
    EndGroup = 4,
    Fixed32 = 5,
}
