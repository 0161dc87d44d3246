namespace Libp2p.Protobuf;

/// <summary>
/// Walks over the fields of one protobuf message (https://protobuf.dev/programming-guides/encoding): for the few small messages that
/// are read before the remote is authenticated, that are signed, or that hold secrets. Allocates nothing; never throws.
/// <para>
/// Follows protobuf's rules where messages may be written in more than one way. A field whose encoding is not the one that its number
/// should have is an unknown field. Groups are unknown fields, too: each is passed over as one field without a value, up to
/// <see cref="MaxGroups"/> within each other. Callers take the last of a repeated singular field and cut enums with
/// <see cref="Enum"/>. Malformed are field number 0, tags of more than 32 bits, and varints of more than 64 bits or ten bytes.
/// </para>
/// </summary>
/// <param name="message">Lent.</param>
internal ref struct ProtobufFieldReader(ReadOnlySpan<byte> message)
{
    /// <summary>Groups within each other that are followed, as by the parser of Google.Protobuf.</summary>
    public const int MaxGroups = 100;

    private const int MaxVarintLength = 10;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _next;

    /// <summary>Whether the walk ended because the bytes are no message.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Where in the message the current field's value begins, or its field where the message is malformed.</summary>
    public int Position { get; private set; }

    /// <summary>Where in the message the current field begins, with its tag.</summary>
    public int Start { get; private set; }

    /// <summary>Where in the message the current field ends.</summary>
    public readonly int End => _next;

    /// <summary>The current field's number.</summary>
    public int Field { get; private set; }

    /// <summary>How the current field is encoded.</summary>
    public ProtobufWire Wire { get; private set; }

    /// <summary>The value of a field encoded as <see cref="ProtobufWire.Varint"/>.</summary>
    public ulong Number { get; private set; }

    /// <summary><see cref="Number"/> as an enum or an int32, which are the low 32 bits of what was sent.</summary>
    public readonly int Enum => unchecked((int)Number);

    /// <summary>The value of any other field.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field.</summary>
    /// <returns>False at the end, and where the message is malformed.</returns>
    public bool Read()
    {
        if (_next == _message.Length || IsMalformed)
        {
            return false;
        }

        Position = Start = _next;
        IsMalformed = !TryReadTag() || !TryReadValue();
        return !IsMalformed;
    }

    /// <summary>Whether the current field is this one, encoded with a length.</summary>
    public readonly bool Is(int field) => Field == field && Wire == ProtobufWire.LengthDelimited;

    /// <summary>Whether the current field is this one, encoded as a number.</summary>
    public readonly bool IsNumber(int field) => Field == field && Wire == ProtobufWire.Varint;

    private bool TryReadTag()
    {
        if (!TryReadVarint(out ulong tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return false;
        }

        Field = (int)(tag >> 3);
        Wire = (ProtobufWire)(tag & 7);
        return true;
    }

    private bool TryReadValue()
    {
        Number = 0;
        Bytes = default;

        switch (Wire)
        {
            case ProtobufWire.Varint:
                Position = _next;
                bool read = TryReadVarint(out ulong number);
                Number = number;
                return read;
            case ProtobufWire.LengthDelimited:
                return TryReadVarint(out ulong length) && TryTake(length);
            case ProtobufWire.Fixed64:
                return TryTake(8);
            case ProtobufWire.Fixed32:
                return TryTake(4);
            case ProtobufWire.StartGroup:
                return TryPassGroup();
            default:
                return false; // the end of a group that did not begin, or no wire type
        }
    }

    /// <summary>Passes over a group, whose fields are not the message's: up to the end tag of its number.</summary>
    private bool TryPassGroup()
    {
        int group = Field;
        Span<int> open = stackalloc int[MaxGroups];
        int depth = 0;
        open[depth++] = Field;
        while (depth > 0)
        {
            if (!TryReadTag())
            {
                return false;
            }

            bool isPassed = Wire switch
            {
                ProtobufWire.StartGroup => depth < MaxGroups && (open[depth++] = Field) > 0,
                ProtobufWire.EndGroup => open[--depth] == Field,
                _ => TryReadValue(),
            };
            if (!isPassed)
            {
                return false;
            }
        }

        Field = group;
        Wire = ProtobufWire.StartGroup;
        Number = 0;
        Bytes = default;
        return true;
    }

    private bool TryTake(ulong length)
    {
        if (length > (ulong)(_message.Length - _next))
        {
            return false;
        }

        Position = _next;
        Bytes = _message.Slice(_next, (int)length);
        _next += (int)length;
        return true;
    }

    /// <summary>Protobuf's varint: up to ten bytes, padding allowed.</summary>
    private bool TryReadVarint(out ulong value)
    {
        value = 0;

        for (int i = 0; i < MaxVarintLength && _next < _message.Length; i++)
        {
            byte group = _message[_next++];
            value |= (ulong)(group & 0x7F) << (7 * i);

            if (group < 0x80)
            {
                return i < MaxVarintLength - 1 || group <= 1;
            }
        }

        return false;
    }
}
