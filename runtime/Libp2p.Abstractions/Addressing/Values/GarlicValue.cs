using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Addressing.Values;

/// <summary>
/// An I2P address. The full destination holds two keys and a certificate, at least 386 bytes. A hash is SHA2-256 (32 bytes), or that
/// of an encrypted lease set (35 bytes and more).
/// </summary>
internal sealed class GarlicValue : ComponentValue
{
    private readonly BaseAlphabet _alphabet;
    private readonly int _minLength;
    private readonly int _shortLength; // the one length below the minimum that is allowed too

    private GarlicValue(BaseAlphabet alphabet, int minLength, int shortLength)
    {
        _alphabet = alphabet;
        _minLength = minLength;
        _shortLength = shortLength;
    }

    public static GarlicValue Destination { get; } = new(Alphabets.Garlic64, 386, 386);

    public static GarlicValue Hash { get; } = new(Alphabets.Garlic32, 35, 32);

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        _alphabet.TryDecode(text, destination, out written, out MultiformatError error)
            ? Validate(destination[..written])
            : error.Reason;

    public override string? Validate(ReadOnlySpan<byte> value) =>
        value.Length >= _minLength || value.Length == _shortLength ? null : "the I2P address has the wrong length";

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => text.Append(_alphabet.Encode(value));
}
