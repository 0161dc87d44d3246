using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Libp2p.Addressing.Values;

/// <summary>
/// UTF-8 text: host names, server names, zones. As in go there is no punycode and no check of DNS's own lengths; unlike go, control
/// characters are refused (they have no use in a name, and great use in a log), and so is what is not UTF-8 (as in rust).
/// </summary>
internal sealed class NameValue : ComponentValue
{
    // A slash would be read back as the end of the name.
    private static readonly SearchValues<byte> s_forbidden = SearchValues.Create([.. ControlCharacters(), (byte)'/']);

    private static readonly SearchValues<byte> s_control = SearchValues.Create(ControlCharacters());

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        Encode(text, destination, out written) ?? Validate(destination[..written]);

    public override string? Validate(ReadOnlySpan<byte> value) =>
        value.IsEmpty ? "the value is empty"
        : value.ContainsAny(s_forbidden) ? "a name holds a slash or a control character"
        : Utf8.IsValid(value) ? null
        : "a name is not UTF-8";

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => text.Append(Encoding.UTF8.GetString(value));

    internal static string? Encode(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        Utf8.FromUtf16(text, destination, out _, out written, replaceInvalidSequences: false) switch
        {
            OperationStatus.Done => null,
            OperationStatus.DestinationTooSmall => TooLong,
            _ => "the text is not valid UTF-16",
        };

    internal static bool HasControlCharacter(ReadOnlySpan<byte> value) => value.ContainsAny(s_control);

    private static byte[] ControlCharacters() => [.. Enumerable.Range(0, 0x20).Select(static value => (byte)value), 0x7F];
}
