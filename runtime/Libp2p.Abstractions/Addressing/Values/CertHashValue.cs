using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Addressing.Values;

/// <summary>A multihash of a certificate. Text is multibase: any base is read, base64url is written.</summary>
internal sealed class CertHashValue : ComponentValue
{
    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        Multibase.TryDecode(text, out _, destination, out written, out MultiformatError error)
            ? Validate(destination[..written])
            : error.Reason;

    public override string? Validate(ReadOnlySpan<byte> value) =>
        Multihash.TryRead(value, out _, out _, out MultiformatError error) ? null : error.Reason;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) =>
        text.Append(Multibase.Encode(MultibaseEncoding.Base64Url, value));
}
