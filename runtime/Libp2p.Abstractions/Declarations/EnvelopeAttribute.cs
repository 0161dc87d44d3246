namespace Libp2p;

/// <summary>
/// Wraps the messages of the operations in one protobuf message with a <c>oneof</c>, whose set case tells which operation or
/// which message of a dialogue it is. Operations are written with the members' own types.
/// </summary>
/// <remarks>
/// Where a side of a dialogue may send several of them, its type is an interface that these members implement (their generated
/// classes are partial), or the envelope itself. Any other case received is a protocol violation.
/// </remarks>
/// <typeparam name="TMessage">The generated protobuf message that holds the <c>oneof</c>.</typeparam>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class EnvelopeAttribute<TMessage> : Attribute
    where TMessage : Google.Protobuf.IMessage<TMessage>;
