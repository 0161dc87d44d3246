namespace Libp2p.Security.Noise;

/// <summary>
/// How messages of the handshake and after it lie in the stream (https://github.com/libp2p/specs/blob/master/noise/README.md#wire-format).
/// <code>
/// length (16 bits, big-endian, of what follows) | message
/// </code>
/// </summary>
internal static class NoiseFrame
{
    /// <summary>Bytes of the length.</summary>
    public const int HeaderSize = sizeof(ushort);

    /// <summary>Bytes of the longest message.</summary>
    public const int MaxMessage = ushort.MaxValue;

    /// <summary>Bytes that fit into one message after the handshake.</summary>
    public const int MaxPlaintext = MaxMessage - CipherState.TagSize;

    /// <summary>Bytes that a frame has beside its plaintext.</summary>
    public const int Overhead = HeaderSize + CipherState.TagSize;
}
