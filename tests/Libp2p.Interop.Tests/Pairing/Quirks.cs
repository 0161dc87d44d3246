namespace Libp2p.Interop.Pairing;

/// <summary>Where another implementation is known to differ, so that a case can expect it. Nothing here excuses ours.</summary>
internal static class Quirks
{
    /// <summary>rust-libp2p's yamux reads a reset by the remote as an end of stream, unless a write fails.</summary>
    public static bool ReadsResetAsEnd(string peer) => peer == "rust";

    /// <summary>js-libp2p has no peer ids of ECDSA keys, neither its own nor a remote's.</summary>
    public static bool Lacks(string peer, string keyType) => (peer, keyType) == ("js", "ecdsa");

    /// <summary>js-libp2p takes in more than it can hold while its own writes wait, and resets an echo of tens of megabytes, its own too.</summary>
    public static bool EchoesLittle(string peer) => peer == "js";

    /// <summary>rust-libp2p leaves the muxer to multistream-select.</summary>
    public static bool LacksEarlyMuxer(string peer) => peer == "rust";
}
