using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>
/// How the value of one kind of component is read from text, checked in bytes and written as text. Stateless. Text and bytes agree:
/// whatever <see cref="Validate"/> accepts, <see cref="Format"/> writes as a text that <see cref="Parse"/> reads back to the same
/// bytes. Errors are constant sentences, null when there is none.
/// </summary>
internal abstract class ComponentValue
{
    protected const string TooLong = "the address is longer than 1024 bytes";

    /// <summary>Reads the text, which is not empty, into <paramref name="destination"/>.</summary>
    public abstract string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written);

    /// <summary>Checks bytes from the wire; their number is already right where the protocol fixes it.</summary>
    public abstract string? Validate(ReadOnlySpan<byte> value);

    /// <summary>Writes bytes that <see cref="Validate"/> accepted.</summary>
    public abstract void Format(ReadOnlySpan<byte> value, StringBuilder text);
}
