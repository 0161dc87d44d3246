namespace Libp2p;

/// <summary>From where a network address can be reached.</summary>
public enum MultiaddressReach
{
    /// <summary>The address does not start with an IP address or a host name, so nothing is known.</summary>
    Unknown = 0,

    /// <summary>From anywhere, as far as the address tells.</summary>
    Public,

    /// <summary>From the same private network (RFC 1918, RFC 6598, RFC 4193).</summary>
    Private,

    /// <summary>From the same machine.</summary>
    Loopback,

    /// <summary>From the same link (RFC 3927, RFC 4291).</summary>
    LinkLocal,

    /// <summary>No address at all: <c>0.0.0.0</c> or <c>::</c>, which one can only listen on.</summary>
    Unspecified,

    /// <summary>
    /// Set aside: documentation, benchmarks, multicast, reserved ranges, and host names outside the public DNS (<c>.local</c>,
    /// <c>.test</c>).
    /// </summary>
    SpecialUse,
}
