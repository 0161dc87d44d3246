using System.Text;

namespace Libp2p.Addressing.Values;

/// <summary>For protocols that are only a name. Never asked to read anything.</summary>
internal sealed class NoValue : ComponentValue
{
    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        return "the protocol has no value";
    }

    public override string? Validate(ReadOnlySpan<byte> value) => null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text)
    {
    }
}
