using System.Text;

namespace Libp2p.Negotiation;

/// <summary>
/// Compares ids with each other and with bytes from the wire, so that a table keyed by ids is searched without making one
/// (<see cref="Dictionary{TKey, TValue}.GetAlternateLookup{TAlternateKey}"/>).
/// </summary>
public sealed class ProtocolIdComparer : IEqualityComparer<ProtocolId>, IAlternateEqualityComparer<ReadOnlySpan<byte>, ProtocolId>
{
    private ProtocolIdComparer()
    {
    }

    /// <summary>The comparer.</summary>
    public static ProtocolIdComparer Instance { get; } = new();

    /// <inheritdoc/>
    public bool Equals(ProtocolId? x, ProtocolId? y) => x == y;

    /// <inheritdoc/>
    public int GetHashCode(ProtocolId obj) => GetHashCode(obj.Utf8);

    /// <inheritdoc/>
    public bool Equals(ReadOnlySpan<byte> alternate, ProtocolId other) => alternate.SequenceEqual(other.Utf8);

    /// <summary>A hash that differs from process to process.</summary>
    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        HashCode hash = default;
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public ProtocolId Create(ReadOnlySpan<byte> alternate) => new(Encoding.UTF8.GetString(alternate));
}
