namespace Libp2p;

/// <summary>
/// Gives an operation a protocol id of its own: the protocol's id, a slash, and this. multistream-select is then the
/// dispatcher, and renaming the method never changes the wire.
/// </summary>
/// <param name="suffix">What follows the protocol's id: <c>send</c> in <c>/chat/1.0.0</c> makes <c>/chat/1.0.0/send</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IdAttribute(string suffix) : Attribute
{
    /// <summary>What follows the protocol's id.</summary>
    public string Suffix { get; } = suffix;
}
