using System.Text;
using Libp2p.Multiformats;

namespace Libp2p.Addressing.Values;

/// <summary>
/// A peer id. Written in base58btc, the only form that rust reads here; read in every form of a peer id, as in go.
/// </summary>
internal sealed class PeerIdValue : ComponentValue
{
    public override string? Parse(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        Span<byte> peer = stackalloc byte[PeerId.MaxLength];

        if (!PeerId.TryDecode(text, peer, out written, out MultiformatError error))
        {
            return error.Reason;
        }

        return peer[..written].TryCopyTo(destination) ? null : TooLong;
    }

    public override string? Validate(ReadOnlySpan<byte> value) => PeerId.IsPeerId(value, out MultiformatError error) ? null : error.Reason;

    public override void Format(ReadOnlySpan<byte> value, StringBuilder text) => text.Append(Alphabets.Base58Btc.Encode(value));
}
