using System.Diagnostics.CodeAnalysis;
using Libp2p.Addressing;
using Libp2p.Multiformats;

namespace Libp2p;

/// <content>Building addresses from addresses.</content>
public sealed partial class Multiaddress
{
    /// <summary>Appends another address inside this one.</summary>
    /// <exception cref="MultiformatException">The result would exceed a limit, or something would follow a path.</exception>
    public Multiaddress Encapsulate(Multiaddress inner)
    {
        ArgumentNullException.ThrowIfNull(inner);

        if (inner.IsEmpty || IsEmpty)
        {
            return inner.IsEmpty ? this : inner;
        }

        if (_bytes.Length + inner._bytes.Length > MaxLength || Count + inner.Count > MaxComponents)
        {
            MultiformatException.Throw(FormatName, "the two together exceed 1024 bytes or 64 components");
        }

        if (this[^1].Protocol.IsPath)
        {
            MultiformatException.Throw(FormatName, "nothing can follow a path");
        }

        ComponentRange[] components = [.. _components, .. inner._components];

        for (int i = Count; i < components.Length; i++)
        {
            components[i] = components[i].Shift(_bytes.Length);
        }

        return new Multiaddress([.. _bytes, .. inner._bytes], components);
    }

    /// <summary>Appends another address, given as text, inside this one.</summary>
    /// <exception cref="MultiformatException">The text is no address, or as for the other overload.</exception>
    public Multiaddress Encapsulate(string inner) => Encapsulate(Parse(inner));

    /// <summary>
    /// Takes off the last occurrence of <paramref name="inner"/> and all that follows it. Components are compared whole: protocol and
    /// value.
    /// </summary>
    /// <returns>What is left, possibly <see cref="Empty"/>; this address when <paramref name="inner"/> does not occur.</returns>
    public Multiaddress Decapsulate(Multiaddress inner)
    {
        ArgumentNullException.ThrowIfNull(inner);

        for (int start = inner.IsEmpty ? -1 : Count - inner.Count; start >= 0; start--)
        {
            // Components are told apart by their bytes, so a match of bytes at a component's start is a match of components.
            if (_bytes.AsSpan(_components[start].Start).StartsWith(inner._bytes))
            {
                return Slice(0, start);
            }
        }

        return this;
    }

    /// <summary>Takes off the last component of a protocol and all that follows it.</summary>
    /// <returns>What is left, possibly <see cref="Empty"/>; this address when the protocol does not occur.</returns>
    public Multiaddress DecapsulateProtocol(int code)
    {
        for (int start = Count - 1; start >= 0; start--)
        {
            if (this[start].Code == code)
            {
                return Slice(0, start);
            }
        }

        return this;
    }

    /// <inheritdoc cref="DecapsulateProtocol(int)"/>
    public Multiaddress DecapsulateProtocol(MultiaddressProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return DecapsulateProtocol(protocol.Code);
    }

    /// <summary>A run of components as an address of its own; ranges work too: <c>address[..2]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The run is not inside the address.</exception>
    public Multiaddress Slice(int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Count - start);

        if (length == 0 || length == Count)
        {
            return length == 0 ? Empty : this;
        }

        int first = _components[start].Start;
        int end = _components[start + length - 1].End;
        ComponentRange[] components = _components.AsSpan(start, length).ToArray();

        for (int i = 0; i < components.Length; i++)
        {
            components[i] = components[i].Shift(-first);
        }

        return new Multiaddress(_bytes.AsSpan(first..end).ToArray(), components);
    }

    /// <summary>Makes the address lead to a peer: appends <c>/p2p/…</c> unless it ends so already.</summary>
    /// <exception cref="InvalidOperationException">It ends with the id of another peer.</exception>
    /// <exception cref="MultiformatException">As for <see cref="Encapsulate(Multiaddress)"/>.</exception>
    public Multiaddress WithPeer(PeerId peer) => TryWithPeer(peer, out Multiaddress? address)
        ? address
        : throw new InvalidOperationException("The address leads to another peer already.");

    /// <summary>As <see cref="WithPeer"/>; false when it ends with the id of another peer.</summary>
    /// <exception cref="MultiformatException">As for <see cref="Encapsulate(Multiaddress)"/>.</exception>
    public bool TryWithPeer(PeerId peer, [NotNullWhen(true)] out Multiaddress? address)
    {
        ArgumentNullException.ThrowIfNull(peer);
        address = Peer is null ? Encapsulate(ForPeer(peer)) : Peer == peer ? this : null;
        return address is not null;
    }

    /// <summary>
    /// The address without the <c>p2p</c> component at its end, if there is one. A peer that is named several times at the end
    /// (<c>…/p2p/ID/p2p/ID</c>) is taken off as often, as go and rust dial such an address; the id of another peer before it stays, and
    /// with it the address leads nowhere.
    /// </summary>
    /// <returns>What is left: <see cref="Empty"/> of <c>/p2p/…</c> alone.</returns>
    public Multiaddress WithoutPeer()
    {
        if (Peer is null)
        {
            return this;
        }

        int count = Count - 1;
        while (count > 0 && this[count - 1].Code == MultiaddressCode.P2p && this[count - 1].Value.SequenceEqual(this[^1].Value))
        {
            count--;
        }

        return Slice(0, count);
    }

    /// <summary>The address <c>/p2p/…</c> alone.</summary>
    public static Multiaddress ForPeer(PeerId peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        int codeLength = Varint.GetLength(MultiaddressCode.P2p);
        int valueStart = codeLength + 1; // the longest peer id has a length of one byte
        byte[] bytes = new byte[valueStart + peer.Bytes.Length];
        Varint.Write(bytes, MultiaddressCode.P2p);
        bytes[codeLength] = (byte)peer.Bytes.Length;
        peer.Bytes.CopyTo(bytes.AsSpan(valueStart));
        return new Multiaddress(bytes, [new ComponentRange(MultiaddressProtocol.P2p.Index, 0, (ushort)valueStart, (ushort)bytes.Length)]);
    }
}
