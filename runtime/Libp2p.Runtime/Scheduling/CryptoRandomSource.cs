using System.Security.Cryptography;

namespace Libp2p.Scheduling;

/// <summary>The randomness of ordinary nodes: the operating system's, fit for keys.</summary>
public sealed class CryptoRandomSource : IRandomSource
{
    private CryptoRandomSource()
    {
    }

    /// <summary>The one there is; it holds no state.</summary>
    public static CryptoRandomSource Instance { get; } = new();

    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    /// <inheritdoc/>
    public int Next(int exclusiveBound) => RandomNumberGenerator.GetInt32(exclusiveBound);
}
