namespace Libp2p;

/// <summary>
/// The value of the protocol's discriminator (<see cref="ProtocolAttribute.Discriminator"/>) that selects this operation. It is
/// set on what the initiator sends, and an unknown one resets the stream and is counted.
/// </summary>
/// <param name="value">An enum constant of the discriminator's type, or a constant integer.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnAttribute(object value) : Attribute
{
    /// <summary>The value in the request.</summary>
    public object Value { get; } = value;

    /// <summary>
    /// The value in what the responder sends, be it a reply or the messages of a dialogue that follows the first message: set when it
    /// is sent and checked when it is received; null where it is the request's.
    /// </summary>
    public object? Reply { get; set; }
}
