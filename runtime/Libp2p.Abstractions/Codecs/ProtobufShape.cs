using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Libp2p.Codecs;

/// <summary>What a walk over the wire format needs to know of a message type: which fields hold messages, and which are packed.</summary>
internal sealed class ProtobufShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, ProtobufShape> s_known = new();

    /// <summary>A message of which nothing is known: each field is an element.</summary>
    public static readonly ProtobufShape Unknown = new(null);

    private const int Near = 64; // field numbers that are looked up by index

    private readonly MessageDescriptor? _descriptor;
    private readonly Lazy<bool> _isShallow;
    private ProtobufField[]? _near; // made late: message types may contain themselves
    private Dictionary<int, ProtobufField>? _far;

    private ProtobufShape(MessageDescriptor? descriptor)
    {
        _descriptor = descriptor;
        _isShallow = new Lazy<bool>(() => descriptor is not null && DepthOf(descriptor, []) <= ProtobufCounter.MaxDepth);
    }

    public static ProtobufShape Of(MessageDescriptor? descriptor) =>
        descriptor is null ? Unknown : s_known.GetOrAdd(descriptor, static key => new ProtobufShape(key));

    /// <summary>
    /// Whether the schema allows no more messages within each other than are followed. How deep groups of unknown fields may nest is the
    /// parser's to bound.
    /// </summary>
    public bool IsShallow => _isShallow.Value;

    /// <summary>What is known of a field.</summary>
    public ProtobufField Field(int number)
    {
        ProtobufField[] near = Volatile.Read(ref _near) ?? Describe();
        return (uint)number < (uint)near.Length ? near[number] : number < Near ? default : _far!.GetValueOrDefault(number);
    }

    /// <summary>Reads the schema; several threads may, and find the same.</summary>
    private ProtobufField[] Describe()
    {
        IList<FieldDescriptor> fields = _descriptor?.Fields.InFieldNumberOrder() ?? [];
        int highest = fields.Select(field => field.FieldNumber).Where(number => number < Near).DefaultIfEmpty(-1).Max();
        ProtobufField[] near = new ProtobufField[highest + 1];
        Dictionary<int, ProtobufField> far = [];
        foreach (FieldDescriptor field in fields)
        {
            if (field.FieldNumber < Near)
            {
                near[field.FieldNumber] = Describe(field);
            }
            else
            {
                far[field.FieldNumber] = Describe(field);
            }
        }

        _far = far;
        Volatile.Write(ref _near, near);
        return near;
    }

    /// <summary>The longest chain of messages within each other; without end where one may be within itself.</summary>
    private static int DepthOf(MessageDescriptor message, Dictionary<MessageDescriptor, int> known)
    {
        if (known.TryGetValue(message, out int depth))
        {
            return depth;
        }

        known[message] = int.MaxValue; // while it is looked at: met again, it is within itself
        int below = message.Fields.InFieldNumberOrder()
            .Where(field => field.FieldType is FieldType.Message or FieldType.Group)
            .Select(field => DepthOf(field.MessageType, known))
            .DefaultIfEmpty(0)
            .Max();
        return known[message] = below == int.MaxValue ? below : below + 1;
    }

    private static ProtobufField Describe(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.Message => new ProtobufField(ProtobufFieldKind.Message, WireType.Bytes, Of(field.MessageType)),
        FieldType.Group => new ProtobufField(ProtobufFieldKind.Message, WireType.StartGroup, Of(field.MessageType)),
        _ when !field.IsRepeated => new ProtobufField(ProtobufFieldKind.Single, WireTypeOf(field.FieldType), null),
        FieldType.String or FieldType.Bytes => default,
        _ => new ProtobufField(ProtobufFieldKind.Numbers, WireTypeOf(field.FieldType), null),
    };

    private static WireType WireTypeOf(FieldType type) => type switch
    {
        FieldType.String or FieldType.Bytes => WireType.Bytes,
        FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => WireType.Fixed32,
        FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => WireType.Fixed64,
        _ => WireType.Varint,
    };
}

/// <summary>A field, as the walk sees it.</summary>
/// <param name="Kind">How much may hide in it.</param>
/// <param name="WireType">How its value, or each of its numbers, comes; in another way it is an unknown field.</param>
/// <param name="Message">The message it holds.</param>
internal readonly record struct ProtobufField(ProtobufFieldKind Kind, WireType WireType, ProtobufShape? Message);

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
