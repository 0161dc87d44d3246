using System.Buffers;
using System.Globalization;
using Libp2p.Multiformats;

namespace Libp2p.Tests.Multiformats;

public class VarintTests
{
    private const string File = "varint/uvarint.json";

    [Fact]
    public void Reads_and_writes_every_valid_vector() => Assert.All(VectorFile.Rows(File, "valid"), static row =>
    {
        ulong expected = ulong.Parse(row.Text("value"), CultureInfo.InvariantCulture);
        byte[] encoded = row.Hex("hex");

        Assert.Equal(OperationStatus.Done, Varint.Read(encoded, out ulong value, out int consumed));
        Assert.Equal((expected, encoded.Length), (value, consumed));
        Assert.Equal(encoded, Write(expected));
    });

    [Fact]
    public void Knows_the_length_of_every_value_and_refuses_those_above_63_bits() =>
        Assert.All(VectorFile.Rows(File, "encoded_length"), static row =>
        {
            ulong value = ulong.Parse(row.Text("value"), CultureInfo.InvariantCulture);

            if (row.GetProperty("multiformats_legal").GetBoolean())
            {
                Assert.Equal(row.GetProperty("encoded_length").GetInt32(), Varint.GetLength(value));
                Assert.Equal(value, Varint.Read(Write(value), out _));
            }
            else
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => Varint.GetLength(value));
                Assert.Throws<ArgumentOutOfRangeException>(() => Varint.Write(new byte[16], value));
            }
        });

    [Fact]
    public void Refuses_every_invalid_vector() => Assert.All(VectorFile.Rows(File, "invalid"), static row =>
    {
        byte[] encoded = row.Hex("hex");
        string error = row.Text("error");
        bool unfinished = error is "underflow" or "eof";
        OperationStatus status = Varint.Read(encoded, out ulong value, out int consumed);

        Assert.Equal(unfinished ? OperationStatus.NeedMoreData : OperationStatus.InvalidData, status);
        Assert.Equal((0ul, 0), (value, consumed));

        MultiformatException thrown = Assert.Throws<MultiformatException>(() => Varint.Read(encoded, out _));
        string expected = error switch
        {
            "underflow" or "eof" => "the input ends inside the number",
            "not_minimal" => "not the shortest encoding of its value",
            _ => "longer than 9 bytes",
        };
        Assert.Equal(expected, thrown.Reason);
    });

    [Fact]
    public void Reads_across_every_split_of_a_sequence()
    {
        foreach (ulong value in Interesting())
        {
            byte[] bytes = [.. Write(value), 0xAA, 0xBB];

            for (int split = 0; split <= bytes.Length; split++)
            {
                SequenceReader<byte> reader = new(Sequences.Split(bytes, split));

                Assert.True(Varint.TryRead(ref reader, out ulong read));
                Assert.Equal(value, read);
                Assert.Equal(2, reader.Remaining);
            }
        }
    }

    [Fact]
    public void Waits_for_the_rest_without_moving()
    {
        foreach (ulong value in Interesting())
        {
            byte[] bytes = Write(value);

            for (int length = 0; length < bytes.Length; length++)
            {
                for (int split = 0; split <= length; split++)
                {
                    SequenceReader<byte> reader = new(Sequences.Split(bytes[..length], split));

                    Assert.False(Varint.TryRead(ref reader, out ulong read));
                    Assert.Equal(0ul, read);
                    Assert.Equal(0, reader.Consumed);
                }
            }
        }
    }

    [Fact]
    public void Refuses_a_malformed_number_at_every_split() => Assert.All(VectorFile.Rows(File, "invalid"), static row =>
    {
        byte[] bytes = row.Hex("hex");

        for (int split = 0; split <= bytes.Length; split++)
        {
            SequenceReader<byte> reader = new(Sequences.Split(bytes, split));

            if (row.Text("error") is "underflow" or "eof")
            {
                Assert.False(Varint.TryRead(ref reader, out _));
            }
            else
            {
                MultiformatException? thrown = null;

                try
                {
                    Varint.TryRead(ref reader, out _);
                }
                catch (MultiformatException exception)
                {
                    thrown = exception;
                }

                Assert.NotNull(thrown);
            }

            Assert.Equal(0, reader.Consumed);
        }
    });

    [Fact]
    public void Writes_into_a_buffer_writer()
    {
        ArrayBufferWriter<byte> writer = new();
        Varint.Write(writer, 300);
        Varint.Write(writer, 1);

        Assert.Equal("ac0201", Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Fact]
    public void Refuses_a_destination_that_is_too_short() => Assert.Throws<ArgumentException>(static () => Varint.Write(new byte[1], 300));

    private static byte[] Write(ulong value)
    {
        byte[] buffer = new byte[Varint.MaxLength];
        return buffer[..Varint.Write(buffer, value)];
    }

    private static IEnumerable<ulong> Interesting()
    {
        for (int bits = 0; bits < 63; bits++)
        {
            yield return 1ul << bits;
            yield return (1ul << bits) - 1;
        }

        yield return Varint.MaxValue;
    }
}
