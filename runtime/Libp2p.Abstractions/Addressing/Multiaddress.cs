using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Libp2p.Addressing;
using Libp2p.Json;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// A self-describing network address (https://github.com/multiformats/multiaddr): a list of protocols with their values, from the
/// outermost inwards, such as <c>/ip4/1.2.3.4/tcp/4001/p2p/12D3…</c>. Immutable and safe to share between threads; equal when the
/// binary forms are.
/// <para>
/// Every instance but <see cref="Empty"/> is well formed: known protocols, each value checked. That the protocols make sense in
/// that order is another question, answered by <see cref="MultiaddressPattern"/>.
/// </para>
/// <para>
/// Limits: <see cref="MaxLength"/> bytes, <see cref="MaxComponents"/> components, <see cref="MaxTextLength"/> characters. The last is
/// wide enough for the text of every address within the first two.
/// </para>
/// </summary>
[JsonConverter(typeof(MultiaddressJsonConverter))]
public sealed partial class Multiaddress : IEquatable<Multiaddress>, IReadOnlyList<MultiaddressComponent>
{
    /// <summary>The longest binary form, in bytes. A relayed WebTransport address with two certificate hashes takes about 250.</summary>
    public const int MaxLength = 1024;

    /// <summary>The most components.</summary>
    public const int MaxComponents = 64;

    private const string FormatName = "multiaddress";

    private readonly byte[] _bytes;
    private readonly ComponentRange[] _components;

    private Multiaddress(byte[] bytes, ComponentRange[] components)
    {
        _bytes = bytes;
        _components = components;
    }

    /// <summary>
    /// The address without components: what is left when everything is taken away, such as the peer of <c>/p2p/…</c>, and what one can
    /// begin to build on. It leads nowhere: it has no host, no endpoint, no peer and an unknown reach, and matches no pattern that wants
    /// a component. It has no text or binary form that could be read back, and must not be sent.
    /// </summary>
    public static Multiaddress Empty { get; } = new([], []);

    /// <summary>Whether there are no components.</summary>
    public bool IsEmpty => _components.Length == 0;

    /// <summary>The number of components.</summary>
    public int Count => _components.Length;

    /// <summary>The canonical binary form.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The canonical binary form.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes;

    /// <summary>
    /// The peer that the address leads to: the id of the <c>p2p</c> component, if that is the last one, also where the address is nothing
    /// else. The relay of a <c>/p2p/…/p2p-circuit</c> is not it. Computed once.
    /// </summary>
    public PeerId? Peer
    {
        get
        {
            // Two threads may both make the id; neither must see the other's half-way.
            if (field is null && Count > 0 && this[^1].TryGetPeerId(out PeerId? peer))
            {
                field = peer;
            }

            return field;
        }
    }

    /// <summary>The component at an index, from the outermost.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such component: every index of <see cref="Empty"/>.</exception>
    public MultiaddressComponent this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_components.Length)
            {
                ThrowNoComponent(index);
            }

            return new MultiaddressComponent(_bytes, _components[index]);
        }
    }

    /// <summary>Compares by binary form.</summary>
    public static bool operator ==(Multiaddress? left, Multiaddress? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Compares by binary form.</summary>
    public static bool operator !=(Multiaddress? left, Multiaddress? right) => !(left == right);

    /// <summary>Reads the binary form, which is copied.</summary>
    /// <exception cref="MultiformatException">It is malformed, exceeds a limit, or holds a protocol that is not in the table.</exception>
    public static Multiaddress FromBytes(ReadOnlySpan<byte> source)
    {
        if (!TryFromBytes(source, out Multiaddress? address, out MultiformatError error))
        {
            MultiformatException.Throw(FormatName, error);
        }

        return address;
    }

    /// <summary>
    /// As <see cref="FromBytes"/>, without throwing: in a list of addresses from a peer, leave out those that give
    /// <see langword="false"/> and keep the others.
    /// </summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> source, [NotNullWhen(true)] out Multiaddress? address) =>
        TryFromBytes(source, out address, out _);

    /// <summary>As <see cref="FromBytes"/>, without throwing; says why not.</summary>
    public static bool TryFromBytes(
        ReadOnlySpan<byte> source,
        [NotNullWhen(true)] out Multiaddress? address,
        out MultiformatError error)
    {
        Span<ComponentRange> components = stackalloc ComponentRange[MaxComponents];
        address = MultiaddressBinary.TryRead(source, components, out int count, out error)
            ? new Multiaddress(source.ToArray(), components[..count].ToArray())
            : null;
        return address is not null;
    }

    /// <summary>Finds the first component of a protocol.</summary>
    public bool TryGetValue(int code, out MultiaddressComponent component)
    {
        foreach (ComponentRange range in _components)
        {
            if (MultiaddressProtocol.At(range.Protocol).Code == code)
            {
                component = new MultiaddressComponent(_bytes, range);
                return true;
            }
        }

        component = default;
        return false;
    }

    /// <summary>Finds the first component of a protocol.</summary>
    public bool TryGetValue(MultiaddressProtocol protocol, out MultiaddressComponent component)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return TryGetValue(protocol.Code, out component);
    }

    /// <summary>Whether a component of this protocol is there.</summary>
    public bool Contains(MultiaddressProtocol protocol) => TryGetValue(protocol, out _);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] Multiaddress? other) =>
        ReferenceEquals(this, other) || (other is not null && _bytes.AsSpan().SequenceEqual(other._bytes));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Multiaddress);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    [DoesNotReturn]
    private void ThrowNoComponent(int index) => throw new ArgumentOutOfRangeException(
        nameof(index), index, IsEmpty ? "The address is empty, it has no components." : $"{this} has {Count} components.");

    /// <summary>Enumerates the components from the outermost, without allocating.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<MultiaddressComponent> IEnumerable<MultiaddressComponent>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Walks over the components of a <see cref="Multiaddress"/>.</summary>
    public struct Enumerator : IEnumerator<MultiaddressComponent>
    {
        private readonly Multiaddress _address;
        private int _index;

        internal Enumerator(Multiaddress address)
        {
            _address = address;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly MultiaddressComponent Current => _address[_index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _address.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
