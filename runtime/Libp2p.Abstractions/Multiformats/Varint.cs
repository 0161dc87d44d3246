using System.Buffers;
using System.Numerics;

namespace Libp2p.Multiformats;

/// <summary>
/// The unsigned varint of multiformats (https://github.com/multiformats/unsigned-varint): seven bits to a byte, least significant
/// group first, the high bit set on every byte but the last.
/// <code>
/// 300 = 1 0010 1100  ->  1|010 1100  0|000 0010  ->  ac 02
/// </code>
/// Strict: at most <see cref="MaxLength"/> bytes (63 bits), and minimal, so a value has exactly one encoding. The varints inside
/// protobuf messages are a laxer format and are not read with this class.
/// </summary>
public static class Varint
{
    /// <summary>The longest encoding, in bytes.</summary>
    public const int MaxLength = 9;

    /// <summary>The largest value that has an encoding: 2^63 - 1.</summary>
    public const ulong MaxValue = long.MaxValue;

    private const string FormatName = "varint";
    private const string TooLong = "longer than 9 bytes";
    private const string NotMinimal = "not the shortest encoding of its value";
    private const string CutShort = "the input ends inside the number";

    /// <summary>Reads the number at the start of <paramref name="source"/>. Never throws.</summary>
    /// <param name="source">The bytes; those after the number are ignored.</param>
    /// <param name="value">The number, or 0.</param>
    /// <param name="consumed">How many bytes the number took, or 0.</param>
    /// <returns>
    /// <see cref="OperationStatus.Done"/>; <see cref="OperationStatus.NeedMoreData"/> when the number is not all there;
    /// <see cref="OperationStatus.InvalidData"/> when no further byte can make it valid.
    /// </returns>
    public static OperationStatus Read(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        ulong bits = 0;

        for (int i = 0; i < source.Length && i < MaxLength; i++)
        {
            byte group = source[i];
            bits |= (ulong)(group & 0x7F) << (7 * i);

            if (group < 0x80)
            {
                bool minimal = group != 0 || i == 0;
                value = minimal ? bits : 0;
                consumed = minimal ? i + 1 : 0;
                return minimal ? OperationStatus.Done : OperationStatus.InvalidData;
            }
        }

        value = 0;
        consumed = 0;
        return source.Length < MaxLength ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
    }

    /// <summary>Reads the number at the reader's position, and advances past it only when all of it is there. Never throws.</summary>
    /// <param name="reader">The bytes, in any number of segments.</param>
    /// <param name="value">The number, or 0.</param>
    /// <returns>As <see cref="Read(ReadOnlySpan{byte}, out ulong, out int)"/>.</returns>
    public static OperationStatus Read(ref SequenceReader<byte> reader, out ulong value)
    {
        OperationStatus status = Read(reader.UnreadSpan, out value, out int consumed);

        if (status == OperationStatus.NeedMoreData && reader.Remaining > reader.UnreadSpan.Length)
        {
            Span<byte> joined = stackalloc byte[MaxLength];
            joined = joined[..(int)Math.Min(MaxLength, reader.Remaining)];
            reader.TryCopyTo(joined);
            status = Read(joined, out value, out consumed);
        }

        reader.Advance(consumed);
        return status;
    }

    /// <summary>Reads the number at the reader's position.</summary>
    /// <param name="reader">The bytes, in any number of segments; advanced past the number only on success.</param>
    /// <param name="value">The number, or 0.</param>
    /// <returns><see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="MultiformatException">The bytes are no varint, whatever may follow them.</exception>
    public static bool TryRead(ref SequenceReader<byte> reader, out ulong value)
    {
        OperationStatus status = Read(ref reader, out value);

        if (status == OperationStatus.InvalidData)
        {
            Span<byte> head = stackalloc byte[MaxLength];
            head = head[..(int)Math.Min(MaxLength, reader.Remaining)];
            reader.TryCopyTo(head);
            MultiformatException.Throw(FormatName, Explain(head));
        }

        return status == OperationStatus.Done;
    }

    /// <summary>Reads the number at the start of <paramref name="source"/>.</summary>
    /// <param name="source">The bytes; those after the number are ignored.</param>
    /// <param name="consumed">How many bytes the number took.</param>
    /// <returns>The number.</returns>
    /// <exception cref="MultiformatException">The bytes are no varint, or end inside it.</exception>
    public static ulong Read(ReadOnlySpan<byte> source, out int consumed)
    {
        if (Read(source, out ulong value, out consumed) != OperationStatus.Done)
        {
            MultiformatException.Throw(FormatName, Explain(source));
        }

        return value;
    }

    /// <summary>How many bytes <paramref name="value"/> takes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value exceeds <see cref="MaxValue"/>.</exception>
    public static int GetLength(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxValue);
        return (BitOperations.Log2(value | 1) / 7) + 1;
    }

    /// <summary>Writes <paramref name="value"/> at the start of <paramref name="destination"/>.</summary>
    /// <returns>How many bytes were written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value exceeds <see cref="MaxValue"/>.</exception>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static int Write(Span<byte> destination, ulong value)
    {
        int length = GetLength(value);

        if (destination.Length < length)
        {
            throw new ArgumentException("The destination is too short for the varint.", nameof(destination));
        }

        for (int i = 0; i < length - 1; i++)
        {
            destination[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length - 1] = (byte)value;
        return length;
    }

    /// <summary>Appends <paramref name="value"/> to <paramref name="writer"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value exceeds <see cref="MaxValue"/>.</exception>
    public static void Write(IBufferWriter<byte> writer, ulong value)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Advance(Write(writer.GetSpan(MaxLength), value));
    }

    /// <summary>Says why <see cref="Read(ReadOnlySpan{byte}, out ulong, out int)"/> did not succeed.</summary>
    internal static MultiformatError Explain(ReadOnlySpan<byte> source)
    {
        ReadOnlySpan<byte> head = source.Length > MaxLength ? source[..MaxLength] : source;
        int last = head.IndexOfAnyInRange<byte>(0, 0x7F);

        return last >= 0 ? new MultiformatError(last, NotMinimal)
            : head.Length == MaxLength ? new MultiformatError(MaxLength - 1, TooLong)
            : new MultiformatError(head.Length, CutShort);
    }
}
