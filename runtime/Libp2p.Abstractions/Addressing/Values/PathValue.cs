using System.Text;
using System.Text.Unicode;

namespace Libp2p.Addressing.Values;

/// <summary>
/// A file path that takes the rest of the address. The value begins with the slash that ends the protocol's name in text.
/// </summary>
internal sealed class PathValue : ComponentValue
{
    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        NameValue.Encode(text, destination, out written) ?? Validate(destination[..written]);

    public override string? Validate(ReadOnlySpan<byte> value) =>
        value.Length < 2 ? "the path is empty"
        : value[0] != '/' ? "a path begins with a slash"
        : value[^1] == '/' ? "a path does not end with a slash"
        : NameValue.HasControlCharacter(value) ? "a path holds a control character"
        : Utf8.IsValid(value) ? null
        : "a path is not UTF-8";

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => text.Append(Encoding.UTF8.GetString(value));
}
