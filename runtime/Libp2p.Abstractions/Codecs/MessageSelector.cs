using System.Buffers;
using System.ComponentModel;
using Libp2p.Protobuf;

namespace Libp2p.Codecs;

/// <summary>
/// Tells from the bytes of a first message which of the operations that share an id it begins, before anything is decoded: each decodes
/// within bounds of its own. Generated code makes it. Stateless and thread-safe.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class MessageSelector
{
    private const int MaxGroups = 100; // as many as Google.Protobuf follows: how deep a message may nest is its codec's to say

    private protected MessageSelector()
    {
    }

    /// <summary>Selects by the value of a field that holds an enum or an integer; absent counts as 0.</summary>
    /// <param name="number">The field's number.</param>
    public static MessageSelector Field(int number) => new FieldSelector(number);

    /// <summary>Selects by which member of a <c>oneof</c> is set; none counts as 0.</summary>
    /// <param name="numbers">The numbers of all its members.</param>
    public static MessageSelector Case(params int[] numbers) => new CaseSelector(numbers);

    /// <summary>What the message selects.</summary>
    /// <exception cref="ProtocolViolationException">The bytes are no protobuf message.</exception>
    internal int Select(ReadOnlySequence<byte> message)
    {
        ProtobufFieldReader reader = new(message.IsSingleSegment ? message.FirstSpan : message.ToArray(), MaxGroups);
        int selected = 0;
        while (reader.Read())
        {
            selected = Selected(reader) ?? selected; // the last one stays, as protobuf has it
        }

        return reader.IsMalformed ? throw new ProtocolViolationException("A malformed protobuf message") : selected;
    }

    private protected abstract int? Selected(in ProtobufFieldReader field);

    private sealed class FieldSelector(int number) : MessageSelector
    {
        private protected override int? Selected(in ProtobufFieldReader field) => field.IsNumber(number) ? unchecked((int)field.Number) : null;
    }

    private sealed class CaseSelector(int[] numbers) : MessageSelector
    {
        private protected override int? Selected(in ProtobufFieldReader field) =>
            Array.IndexOf(numbers, field.Field) >= 0 && field.Is(field.Field) ? field.Field : null;
    }
}
