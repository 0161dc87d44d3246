using System.Buffers;
using Libp2p.Multiformats;

namespace Libp2p.Addressing;

/// <summary>
/// Reads the binary form. Codes tell nothing about the length of what follows, so one unknown code spoils the whole address.
/// <code>
/// address   = component+
/// component = varint code | value                    (value of fixed size, or none)
///           | varint code | varint length | value    (value of variable size)
/// </code>
/// </summary>
internal static class MultiaddressBinary
{
    /// <summary>Checks an address and finds its components.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, Span<ComponentRange> components, out int count, out MultiformatError error)
    {
        count = 0;
        int position = 0;

        if (source.Length is 0 or > Multiaddress.MaxLength)
        {
            error = new MultiformatError(0, source.IsEmpty ? "empty" : "longer than 1024 bytes");
            return false;
        }

        while (position < source.Length)
        {
            if (count == components.Length)
            {
                error = new MultiformatError(position, "more than 64 components");
                return false;
            }

            if (count > 0 && MultiaddressProtocol.At(components[count - 1].Protocol).IsPath)
            {
                error = new MultiformatError(position, "nothing can follow a path");
                return false;
            }

            if (!TryReadComponent(source, position, out components[count], out error))
            {
                return false;
            }

            position = components[count++].End;
        }

        error = default;
        return true;
    }

    private static bool TryReadComponent(ReadOnlySpan<byte> source, int start, out ComponentRange component, out MultiformatError error)
    {
        component = default;

        if (Varint.Read(source[start..], out ulong code, out int codeLength) != OperationStatus.Done)
        {
            MultiformatError inner = Varint.Explain(source[start..]);
            error = inner with { Position = inner.Position + start };
            return false;
        }

        if (code > int.MaxValue || !MultiaddressProtocol.TryGet((int)code, out MultiaddressProtocol? protocol))
        {
            error = new MultiformatError(start, "an unknown protocol code");
            return false;
        }

        int valueStart = start + codeLength;
        ulong length = (ulong)Math.Max(0, protocol.Size);

        if (protocol.Size == MultiaddressProtocol.VariableSize)
        {
            if (Varint.Read(source[valueStart..], out length, out int lengthLength) != OperationStatus.Done)
            {
                MultiformatError inner = Varint.Explain(source[valueStart..]);
                error = inner with { Position = inner.Position + valueStart };
                return false;
            }

            valueStart += lengthLength;
        }

        if (length > (ulong)(source.Length - valueStart))
        {
            error = new MultiformatError(valueStart, "the address ends inside a value");
            return false;
        }

        int end = valueStart + (int)length;

        if (protocol.Value.Validate(source[valueStart..end]) is { } reason)
        {
            error = new MultiformatError(valueStart, reason);
            return false;
        }

        component = new ComponentRange(protocol.Index, (ushort)start, (ushort)valueStart, (ushort)end);
        error = default;
        return true;
    }
}
