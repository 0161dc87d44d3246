namespace Libp2p.TestKit;

/// <summary>What a security protocol promises; the contract's rules about anything else do not apply to it.</summary>
[Flags]
public enum SecurityFeatures
{
    /// <summary>Each end says who it is, and nothing more.</summary>
    None = 0,

    /// <summary>Each end proves that it holds the key of its identity.</summary>
    Authenticates = 1 << 0,

    /// <summary>Nothing that passes the wire can be read, changed, dropped or forged without notice.</summary>
    Protects = 1 << 1,

    /// <summary>Initiator and responder differ: two of a kind do not agree.</summary>
    HasRoles = 1 << 2,

    /// <summary>Both ends mix a prologue into the handshake.</summary>
    MixesPrologue = 1 << 3,

    /// <summary>Extensions travel inside the handshake, among them the muxers.</summary>
    CarriesExtensions = 1 << 4,

    /// <summary>One direction can end while the other goes on.</summary>
    HalfCloses = 1 << 5,

    /// <summary>The end of a direction is itself protected: a wire that was cut is not taken for one that ended in order.</summary>
    ProtectsTheEnd = 1 << 6,
}
