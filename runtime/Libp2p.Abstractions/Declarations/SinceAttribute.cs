namespace Libp2p;

/// <summary>
/// Names the first of the protocol's ids that knows this operation. On a stream that agreed on an older one the call fails
/// with <see cref="ProtocolNotSupportedException"/> before a byte is sent.
/// </summary>
/// <param name="id">One of the ids of <see cref="ProtocolAttribute"/>, to the letter.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SinceAttribute(string id) : Attribute
{
    /// <summary>The first id that knows the operation.</summary>
    public string Id { get; } = id;
}
