using Libp2p.Multiformats;

namespace Libp2p.Addressing;

/// <summary>
/// Reads the text form: <c>/name/value/name/value…</c>, where a protocol without a value is only a name and a path takes all that is
/// left. Slashes at the end are forgiven, as in go; empty segments elsewhere are not.
/// </summary>
internal static class MultiaddressText
{
    private const string TooLong = "the address is longer than 1024 bytes";

    /// <summary>Reads an address into its binary form and finds the components there.</summary>
    public static bool TryRead(
        ReadOnlySpan<char> text,
        Span<byte> destination,
        out int length,
        Span<ComponentRange> components,
        out int count,
        out MultiformatError error)
    {
        length = 0;
        count = 0;

        if (text.Length is 0 or > Multiaddress.MaxTextLength || text[0] != '/')
        {
            error = new MultiformatError(
                0, text.IsEmpty ? "empty" : text[0] != '/' ? "no slash at the start" : "longer than 4096 characters");
            return false;
        }

        text = text.TrimEnd('/');
        int position = 0; // of a slash, or the end

        while (position < text.Length)
        {
            int nameStart = position + 1;
            ReadOnlySpan<char> name = Segment(text, nameStart, out position);

            if (!MultiaddressProtocol.TryGet(name, out MultiaddressProtocol? protocol))
            {
                error = new MultiformatError(nameStart, name.IsEmpty ? "an empty segment" : "an unknown protocol name");
                return false;
            }

            if (count == components.Length)
            {
                error = new MultiformatError(nameStart, "more than 64 components");
                return false;
            }

            if (!TryReadValue(text, protocol, ref position, destination, length, out components[count], out error))
            {
                return false;
            }

            length = components[count++].End;
        }

        error = count > 0 ? default : new MultiformatError(0, "empty");
        return count > 0;
    }

    private static bool TryReadValue(
        ReadOnlySpan<char> text,
        MultiaddressProtocol protocol,
        ref int position,
        Span<byte> destination,
        int start,
        out ComponentRange component,
        out MultiformatError error)
    {
        component = default;
        int errorAt = Math.Min(position + 1, text.Length);
        ReadOnlySpan<char> value = default;

        if (protocol.IsPath)
        {
            value = text[position..];
            position = text.Length;
        }
        else if (protocol.Size != 0)
        {
            value = Segment(text, errorAt, out position);
        }

        if (protocol.Size != 0 && value.IsEmpty)
        {
            error = new MultiformatError(errorAt, "a value is missing");
            return false;
        }

        string? reason = Write(protocol, value, destination, start, out component);
        error = reason is null ? default : new MultiformatError(errorAt, reason);
        return reason is null;
    }

    private static string? Write(
        MultiaddressProtocol protocol,
        ReadOnlySpan<char> text,
        Span<byte> destination,
        int start,
        out ComponentRange component)
    {
        component = default;
        int valueStart = start + Varint.GetLength((ulong)protocol.Code);

        if (valueStart > destination.Length)
        {
            return TooLong;
        }

        Varint.Write(destination[start..], (ulong)protocol.Code);

        if (protocol.Size == 0)
        {
            component = new ComponentRange(protocol.Index, (ushort)start, (ushort)valueStart, (ushort)valueStart);
            return null;
        }

        if (protocol.Value.Parse(text, destination[valueStart..], out int written) is { } reason)
        {
            return reason;
        }

        if (protocol.Size == MultiaddressProtocol.VariableSize)
        {
            // The length is known only now: make room for it before the value.
            int lengthLength = Varint.GetLength((ulong)written);

            if (valueStart + lengthLength + written > destination.Length)
            {
                return TooLong;
            }

            destination.Slice(valueStart, written).CopyTo(destination[(valueStart + lengthLength)..]);
            valueStart += Varint.Write(destination[valueStart..], (ulong)written);
        }

        component = new ComponentRange(protocol.Index, (ushort)start, (ushort)valueStart, (ushort)(valueStart + written));
        return null;
    }

    private static ReadOnlySpan<char> Segment(ReadOnlySpan<char> text, int start, out int end)
    {
        int length = start <= text.Length ? text[start..].IndexOf('/') : 0;
        end = length < 0 ? text.Length : Math.Min(start + length, text.Length);
        return start <= text.Length ? text[start..end] : default;
    }
}
