namespace Libp2p;

/// <summary>
/// Declares a libp2p protocol: the interface it stands on is what a responder implements and what an initiator calls.
/// The generator adds <c>Protocol</c>, the protocol's value, to the interface.
/// </summary>
/// <remarks>
/// The interface is <c>partial</c>, not generic and not nested in a non-partial type. Each member without a body is an
/// operation, whose signature says its shape (docs/declarations.md); a member with a body is a helper and stays off the wire.
/// </remarks>
/// <param name="ids">
/// Protocol ids, newest first, each beginning with <c>/</c>. An id may hold parameters with defaults,
/// <c>/{network=ipfs}/kad/1.0.0</c>, which are bound on the protocol's value.
/// </param>
[AttributeUsage(AttributeTargets.Interface)]
public sealed class ProtocolAttribute(params string[] ids) : Attribute
{
    /// <summary>The ids, newest first.</summary>
    public IReadOnlyList<string> Ids { get; } = ids;

    /// <summary>
    /// The property of the message that tells several operations on one id apart, or null where each has its own id
    /// (<see cref="IdAttribute"/>) or an envelope tells (<see cref="EnvelopeAttribute{TMessage}"/>).
    /// </summary>
    /// <remarks>
    /// It must have presence, and every message sent must carry it: most first values are 0, which encoders like to drop. Received
    /// without it, a message counts as 0. A protocol with one operation may name it without any <see cref="OnAttribute"/>: nothing
    /// is selected, and the handler sets it on each message of a dialogue (DCUtR).
    /// </remarks>
    public string? Discriminator { get; set; }
}
