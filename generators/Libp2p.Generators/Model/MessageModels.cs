namespace Libp2p.Generators.Model;

/// <summary>A message's type, and the expression of its codec.</summary>
/// <param name="Type">The type, <c>global::</c>-qualified.</param>
/// <param name="IsValueType">Whether it is a struct.</param>
/// <param name="Codec">Its codec, as an expression.</param>
/// <param name="IsProtobuf">Whether that is protobuf's.</param>
internal sealed record MessageModel(string Type, bool IsValueType, string Codec, bool IsProtobuf = false);

/// <summary>How messages of a type are encoded.</summary>
/// <param name="Field">The name of its table entry.</param>
/// <param name="Type">The type, <c>global::</c>-qualified.</param>
/// <param name="Expression">Makes it.</param>
internal sealed record CodecModel(string Field, string Type, string Expression);

/// <summary>The property of a message that tells which it is.</summary>
/// <param name="Field">The name of its table entry.</param>
/// <param name="MessageType">The message, <c>global::</c>-qualified.</param>
/// <param name="Property">The property, escaped where it is a keyword.</param>
/// <param name="HasProperty">The property that tells whether it is set.</param>
/// <param name="ValueType">The property's type, <c>global::</c>-qualified.</param>
/// <param name="IsInt32">Whether that is an <c>int</c>, or an enum of such.</param>
/// <param name="Number">The number of the protobuf field.</param>
internal sealed record DiscriminatorModel(
    string Field, string MessageType, string Property, string HasProperty, string ValueType, bool IsInt32, int Number);

/// <summary>A type of message that travels as a member of a protobuf <c>oneof</c>.</summary>
/// <param name="Field">The name of its table entry.</param>
/// <param name="EnvelopeType">The message with the <c>oneof</c>, <c>global::</c>-qualified.</param>
/// <param name="MemberType">A member's type, or an interface that members implement.</param>
/// <param name="Cases">The members it may be.</param>
internal sealed record EnvelopeModel(string Field, string EnvelopeType, string MemberType, EquatableArray<EnvelopeCase> Cases);

/// <summary>A member of a <c>oneof</c>.</summary>
/// <param name="Property">The property that holds it, escaped where it is a keyword.</param>
/// <param name="Type">The member's type, <c>global::</c>-qualified.</param>
/// <param name="Number">The number of the protobuf field.</param>
internal sealed record EnvelopeCase(string Property, string Type, int Number);

/// <summary>How a first message tells that it is for an operation.</summary>
/// <param name="Selector">The method of MessageSelector that makes what reads it off a message.</param>
/// <param name="Fields">The numbers of the fields that it looks at, as expressions.</param>
/// <param name="FieldNumbers">The same as numbers.</param>
/// <param name="Values">What is for the operation, as expressions.</param>
/// <param name="Numbers">The same as numbers.</param>
internal sealed record SelectionModel(
    string Selector, EquatableArray<string> Fields, EquatableArray<int> FieldNumbers, EquatableArray<string> Values, EquatableArray<int> Numbers)
{
    /// <summary>Whether both are read off a message in the same way, be it of another type.</summary>
    public bool ReadsAs(SelectionModel? other) => Selector == other?.Selector && FieldNumbers.Equals(other.FieldNumbers);
}
