using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;
using Libp2p.Addressing;
using Libp2p.Addressing.Values;
using Libp2p.Multiformats;

namespace Libp2p;

/// <summary>
/// One step of a <see cref="Multiaddress"/>: a protocol and its value. A view of the address's bytes; copying it costs nothing.
/// Equal when the bytes are. Not usable as <c>default</c>.
/// </summary>
public readonly struct MultiaddressComponent : IEquatable<MultiaddressComponent>
{
    private readonly byte[] _address;
    private readonly ComponentRange _range;

    internal MultiaddressComponent(byte[] address, ComponentRange range)
    {
        _address = address;
        _range = range;
    }

    /// <summary>The protocol.</summary>
    /// <exception cref="InvalidOperationException">This is <c>default</c>.</exception>
    public MultiaddressProtocol Protocol => _address is not null
        ? MultiaddressProtocol.At(_range.Protocol)
        : throw new InvalidOperationException("The default component has no protocol.");

    /// <summary>The code of the protocol: one of <see cref="MultiaddressCode"/>.</summary>
    public int Code => Protocol.Code;

    /// <summary>The value alone, without code and length; empty where the protocol has none.</summary>
    public ReadOnlySpan<byte> Value => _address.AsSpan(_range.ValueStart.._range.End);

    /// <summary>The value alone, without code and length; empty where the protocol has none.</summary>
    public ReadOnlyMemory<byte> ValueMemory => _address.AsMemory(_range.ValueStart.._range.End);

    /// <summary>The whole component as on the wire.</summary>
    public ReadOnlySpan<byte> Bytes => _address.AsSpan(_range.Start.._range.End);

    /// <summary>The value as text, empty where the protocol has none. Allocates.</summary>
    public string ValueText
    {
        get
        {
            StringBuilder text = new();
            Protocol.Value.Format(Value, text);
            return text.ToString();
        }
    }

    internal ComponentRange Range => _range;

    /// <summary>Compares by bytes.</summary>
    public static bool operator ==(MultiaddressComponent left, MultiaddressComponent right) => left.Equals(right);

    /// <summary>Compares by bytes.</summary>
    public static bool operator !=(MultiaddressComponent left, MultiaddressComponent right) => !left.Equals(right);

    /// <summary>The address, if this is <c>ip4</c> or <c>ip6</c>. Allocates the address.</summary>
    public bool TryGetIPAddress([NotNullWhen(true)] out IPAddress? address)
    {
        address = _address is not null && Code is MultiaddressCode.Ip4 or MultiaddressCode.Ip6 ? new IPAddress(Value) : null;
        return address is not null;
    }

    /// <summary>The port, 0 to 65535, if this is <c>tcp</c>, <c>udp</c>, <c>sctp</c> or <c>dccp</c>.</summary>
    public bool TryGetPort(out int port)
    {
        bool isPort = _address is not null
            && Code is MultiaddressCode.Tcp or MultiaddressCode.Udp or MultiaddressCode.Sctp or MultiaddressCode.Dccp;
        port = isPort ? BinaryPrimitives.ReadUInt16BigEndian(Value) : 0;
        return isPort;
    }

    /// <summary>The peer id, if this is <c>p2p</c>. Allocates the id.</summary>
    public bool TryGetPeerId([NotNullWhen(true)] out PeerId? peer)
    {
        peer = null;
        return _address is not null && Code == MultiaddressCode.P2p && PeerId.TryFromBytes(Value, out peer);
    }

    /// <summary>The certificate's hash, if this is <c>certhash</c>. Allocates the hash.</summary>
    public bool TryGetMultihash([NotNullWhen(true)] out Multihash? hash)
    {
        hash = null;
        return _address is not null && Code == MultiaddressCode.CertHash && Multihash.TryFromBytes(Value, out hash);
    }

    /// <summary>The number, if this is <c>memory</c>.</summary>
    public bool TryGetMemoryNumber(out ulong number)
    {
        bool isMemory = _address is not null && Code == MultiaddressCode.Memory;
        number = isMemory ? NumberValue.Read(Value) : 0;
        return isMemory;
    }

    /// <inheritdoc/>
    public bool Equals(MultiaddressComponent other) => Bytes.SequenceEqual(other.Bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is MultiaddressComponent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    /// <summary>The component as it stands in a multiaddress: <c>/tcp/4001</c>. Allocates.</summary>
    public override string ToString()
    {
        if (_address is null)
        {
            return "";
        }

        StringBuilder text = new();
        AppendTo(text);
        return text.ToString();
    }

    internal void AppendTo(StringBuilder text)
    {
        text.Append('/').Append(Protocol.Name);

        if (Protocol.Size != 0 && !Protocol.IsPath)
        {
            text.Append('/'); // a path brings its own
        }

        Protocol.Value.Format(Value, text);
    }
}
