namespace Libp2p.Scheduling;

/// <summary>
/// The one source of randomness of a node: cryptographic by default, seeded in simulation. Keys, nonces, identifiers and jitter
/// all come from it. Thread-safe.
/// </summary>
public interface IRandomSource
{
    /// <summary>Fills the span with random bytes.</summary>
    void Fill(Span<byte> destination);

    /// <summary>A number from 0 to one below the bound, evenly distributed.</summary>
    /// <param name="exclusiveBound">Above 0.</param>
    int Next(int exclusiveBound);
}
