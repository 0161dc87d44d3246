using System.Buffers.Binary;
using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Addressing.Values;

/// <summary>A Tor onion service: its key (version 3) or a part of the key's hash (version 2), then a port that is not 0.</summary>
internal sealed class OnionValue(int hostLength) : ComponentValue
{
    private static readonly NumberValue s_port = new(2);

    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        int colon = text.IndexOf(':');

        if (colon < 0 || colon == text.Length - 1)
        {
            return "an onion address is a host, a colon and a port";
        }

        if (destination.Length < hostLength + 2)
        {
            return TooLong;
        }

        if (!Alphabets.Base32.TryDecode(text[..colon], destination[..hostLength], out int host, out MultiformatError error))
        {
            return error.Reason;
        }

        if (host != hostLength)
        {
            return "the onion host has the wrong length";
        }

        string? reason = s_port.Parse(text[(colon + 1)..], destination[hostLength..], out int port);
        written = host + port;
        return reason ?? Validate(destination[..written]);
    }

    public override string? Validate(ReadOnlySpan<byte> value) =>
        BinaryPrimitives.ReadUInt16BigEndian(value[hostLength..]) == 0 ? "the onion port is 0" : null;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text)
    {
        text.Append(Alphabets.Base32.Encode(value[..hostLength])).Append(':');
        s_port.Format(value[hostLength..], text);
    }
}
