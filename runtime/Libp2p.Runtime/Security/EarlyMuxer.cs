using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Libp2p.Connections;

namespace Libp2p.Security;

/// <summary>The muxer that a handshake agrees on (https://github.com/libp2p/specs/blob/master/connections/inlined-muxer-negotiation.md).</summary>
internal static class EarlyMuxer
{
    /// <summary>As many muxers of a remote are read; go ignores a list that has more, and so do we.</summary>
    public const int MaxEntries = 100;

    /// <summary>
    /// The first of the initiator's muxers that the responder has too. Null when there is none, or when either list is empty:
    /// multistream-select decides then, as in go, although the specification would have the handshake fail.
    /// </summary>
    public static ProtocolId? Select(ConnectionRole role, IReadOnlyList<ProtocolId> ours, IReadOnlyList<ProtocolId> theirs)
    {
        (IReadOnlyList<ProtocolId> initiators, IReadOnlyList<ProtocolId> responders) =
            role == ConnectionRole.Initiator ? (ours, theirs) : (theirs, ours);

        return initiators.FirstOrDefault(responders.Contains);
    }

    /// <summary>Reads the name of a muxer. One that cannot be an id of ours agrees with none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> name, [NotNullWhen(true)] out ProtocolId? muxer)
    {
        muxer = name.Length is > 0 and <= ProtocolId.MaxLength && !name.Contains((byte)'\n') && Utf8.IsValid(name)
            ? new ProtocolId(Encoding.UTF8.GetString(name))
            : null;
        return muxer is not null;
    }
}
