using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json.Serialization;
using Libp2p.Json;

namespace Libp2p;

/// <summary>
/// A protocol id: what multistream-select offers and agrees on. Opaque, compared byte by byte. Holds its negotiation message
/// ready encoded, so make one per protocol and keep it.
/// </summary>
[JsonConverter(typeof(ProtocolIdJsonConverter))]
public sealed class ProtocolId : IEquatable<ProtocolId>
{
    /// <summary>Bytes of the longest id: 1,024 of a multistream-select message less its line feed (go and js read no more).</summary>
    public const int MaxLength = 1023;

    private readonly byte[] _message;
    private readonly int _prefixLength;
    private readonly int _hash;

    /// <summary>An id.</summary>
    /// <param name="value">The text: not empty, no line feed, at most <see cref="MaxLength"/> bytes of UTF-8.</param>
    /// <exception cref="ArgumentException">The text cannot be negotiated.</exception>
    public ProtocolId(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        int length = Encoding.UTF8.GetByteCount(value);
        if (length > MaxLength || value.Contains('\n'))
        {
            throw new ArgumentException($"A protocol id has at most {MaxLength} bytes and no line feed.", nameof(value));
        }

        Value = value;
        _hash = value.GetHashCode(StringComparison.Ordinal);
        _prefixLength = length + 1 < 0x80 ? 1 : 2;
        _message = new byte[_prefixLength + length + 1];
        if (_prefixLength == 1)
        {
            _message[0] = (byte)(length + 1);
        }
        else
        {
            _message[0] = (byte)((length + 1) | 0x80);
            _message[1] = (byte)((length + 1) >> 7);
        }

        Encoding.UTF8.GetBytes(value, _message.AsSpan(_prefixLength));
        _message[^1] = (byte)'\n';
    }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>The text in UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8 => _message.AsSpan(_prefixLength, _message.Length - _prefixLength - 1);

    /// <summary>The multistream-select message of the id: varint length, text, line feed.</summary>
    public ReadOnlyMemory<byte> Message => _message;

    /// <summary>An id from its text.</summary>
    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternative.")]
    public static implicit operator ProtocolId(string value) => new(value);

    /// <inheritdoc/>
    public bool Equals(ProtocolId? other) => ReferenceEquals(this, other) || (other is not null && _hash == other._hash && Value == other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ProtocolId);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Whether both are the same id.</summary>
    public static bool operator ==(ProtocolId? left, ProtocolId? right) => left?.Value == right?.Value;

    /// <summary>Whether the ids differ.</summary>
    public static bool operator !=(ProtocolId? left, ProtocolId? right) => !(left == right);
}
