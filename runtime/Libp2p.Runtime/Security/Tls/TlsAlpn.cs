using System.Net.Security;

namespace Libp2p.Security.Tls;

/// <summary>
/// Muxers as names of ALPN (https://github.com/libp2p/specs/blob/master/connections/inlined-muxer-negotiation.md): the client offers its
/// muxers in order of preference and <c>libp2p</c> last, which leaves the muxer to multistream-select.
/// </summary>
internal static class TlsAlpn
{
    private const int MaxName = byte.MaxValue;

    private static ReadOnlySpan<byte> Libp2p => "libp2p"u8;

    /// <summary>What a client offers.</summary>
    public static List<SslApplicationProtocol> Offer(IReadOnlyList<ProtocolId> muxers) =>
        [.. muxers.Where(muxer => muxer.Utf8.Length <= MaxName).Select(muxer => new SslApplicationProtocol(muxer.Value)), new SslApplicationProtocol(Libp2p.ToArray())];

    /// <summary>
    /// What a server chooses: the first name of the client's that the server has, so that the dialer's preference counts. <c>SslStream</c>
    /// would choose by the server's order, so it is offered this one name.
    /// </summary>
    /// <param name="offered">The client's names.</param>
    /// <param name="ours">The server's muxers.</param>
    /// <returns>The name; empty when there is none in common.</returns>
    public static ReadOnlyMemory<byte> Choose(IReadOnlyList<ReadOnlyMemory<byte>> offered, IReadOnlyList<ProtocolId> ours) =>
        offered.FirstOrDefault(name => name.Span.SequenceEqual(Libp2p) || ours.Any(muxer => name.Span.SequenceEqual(muxer.Utf8)));

    /// <summary>The muxers among the names, as the client announced them.</summary>
    public static IReadOnlyList<ProtocolId> MuxersOf(IReadOnlyList<ReadOnlyMemory<byte>> offered)
    {
        List<ProtocolId> muxers = [];

        foreach (ReadOnlyMemory<byte> name in offered)
        {
            if (!name.Span.SequenceEqual(Libp2p) && EarlyMuxer.TryRead(name.Span, out ProtocolId? muxer))
            {
                muxers.Add(muxer);
            }
        }

        return muxers.Count <= EarlyMuxer.MaxEntries ? muxers : [];
    }

    /// <summary>The muxer that a chosen name stands for; null for <c>libp2p</c>, and for a server that chose nothing: multistream-select decides.</summary>
    /// <param name="chosen">What <c>SslStream</c> says was chosen.</param>
    /// <param name="ours">Our muxers.</param>
    public static ProtocolId? MuxerOf(SslApplicationProtocol chosen, IReadOnlyList<ProtocolId> ours) =>
        ours.FirstOrDefault(muxer => chosen.Protocol.Span.SequenceEqual(muxer.Utf8));

    /// <summary>Whether a client offered what the server chose. A server that chose nothing is an old one, without ALPN.</summary>
    public static bool WasOffered(SslApplicationProtocol chosen, IReadOnlyList<ProtocolId> ours) =>
        chosen.Protocol.IsEmpty || chosen.Protocol.Span.SequenceEqual(Libp2p) || MuxerOf(chosen, ours) is not null;
}
