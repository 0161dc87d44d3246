namespace Libp2p;

/// <summary>
/// Wraps the messages of the operations in one protobuf message with a <c>oneof</c>, whose set case tells which operation or
/// which message of a dialogue it is. Operations are written with the members' own types.
/// </summary>
/// <typeparam name="TMessage">The generated protobuf message that holds the <c>oneof</c>.</typeparam>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class EnvelopeAttribute<TMessage> : Attribute
    where TMessage : Google.Protobuf.IMessage<TMessage>;
