using System.Buffers;
using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Libp2p.Codecs;

namespace Libp2p.Tests.Codecs;

public sealed class ProtobufCodecTests
{
    private static readonly MessageCodec<ListValue> s_list = Codec.Protobuf(ListValue.Parser);

    [Fact]
    public void A_message_comes_back()
    {
        ListValue message = new() { Values = { Value.ForString("a"), Value.ForNumber(1), Value.ForList(Value.ForBool(true)) } };
        ArrayBufferWriter<byte> bytes = new();
        s_list.Write(message, bytes);

        Assert.Equal(s_list.GetSize(message), bytes.WrittenCount);
        Assert.Equal(message, s_list.Read(new ReadOnlySequence<byte>(bytes.WrittenMemory), 5)); // 4 values, 1 list
    }

    [Fact]
    public void No_bytes_are_an_empty_message() => Assert.Equal(new ListValue(), s_list.Read(default, 0));

    [Theory]
    [InlineData(5, true)] // ten bytes, five elements: no need to count
    [InlineData(4, false)]
    public void What_need_not_be_counted_is_bounded_all_the_same(int maxElements, bool isRead) =>
        Reads(Codec.Protobuf(FieldMask.Parser), [0x0a, 0, 0x0a, 0, 0x0a, 0, 0x0a, 0, 0x0a, 0], maxElements, isRead);

    [Fact]
    public void Half_a_million_empty_submessages_are_refused_before_any_is_made()
    {
        byte[] bytes = new byte[1_000_000];
        for (int i = 0; i < bytes.Length; i += 2)
        {
            bytes[i] = 0x0a; // field 1, length 0
        }

        s_list.Read(default, 0); // the descriptor's tables are made
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ProtocolViolationException>(() => s_list.Read(new ReadOnlySequence<byte>(bytes), 4096));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Elements_are_counted_exactly(int maxElements, bool isRead)
    {
        byte[] bytes = new ListValue { Values = { Value.ForNull(), Value.ForNull(), Value.ForNull() } }.ToByteArray();

        Reads(s_list, bytes, maxElements, isRead);
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Repeated_text_counts(int maxElements, bool isRead) =>
        Reads(Codec.Protobuf(FieldMask.Parser), new FieldMask { Paths = { "a", "b", "c" } }.ToByteArray(), maxElements, isRead);

    [Theory]
    [InlineData(5, true)]
    [InlineData(4, false)]
    public void Packed_numbers_count_one_by_one(int maxElements, bool isRead) => // path = 1, packed: 1, 2, 300; span = 2: 4, 5
        Reads(Codec.Protobuf(SourceCodeInfo.Types.Location.Parser), [0x0a, 0x04, 1, 2, 0xac, 0x02, 0x12, 0x02, 4, 5], maxElements, isRead);

    [Theory]
    [InlineData(900, true)] // 100 messages, each with two lists of four numbers, some of two bytes
    [InlineData(899, false)]
    [InlineData(100, false)]
    public void Many_are_counted_to_the_last(int maxElements, bool isRead)
    {
        SourceCodeInfo info = new();
        for (int i = 0; i < 100; i++)
        {
            info.Location.Add(new SourceCodeInfo.Types.Location { Path = { 4, i * 10, 2, 1 }, Span = { i, 2, 30, 1000 }, LeadingComments = new string('x', i * 3) });
        }

        Reads(Codec.Protobuf(SourceCodeInfo.Parser), info.ToByteArray(), maxElements, isRead);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void Unpacked_numbers_count_too(int maxElements, bool isRead) =>
        Reads(Codec.Protobuf(SourceCodeInfo.Types.Location.Parser), [0x08, 1, 0x08, 2], maxElements, isRead);

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void Unknown_fields_count(int maxElements, bool isRead) => // 100: varint; 101: bytes; 102: fixed32
        Reads(s_list, [0xa0, 0x06, 1, 0xaa, 0x06, 1, 7, 0xb5, 0x06, 0, 0, 0, 0], maxElements, isRead);

    [Fact]
    public void A_known_field_of_another_type_counts_as_unknown() => // StringValue.value as a varint, three times
        Reads(Codec.Protobuf(StringValue.Parser), [0x08, 1, 0x08, 1, 0x08, 1], 2, isRead: false);

    [Fact]
    public void A_single_field_that_repeats_itself_is_no_more_than_one() =>
        Reads(Codec.Protobuf(StringValue.Parser), [.. Enumerable.Repeat(new byte[] { 0x0a, 1, (byte)'x' }, 50).SelectMany(field => field)], 0, isRead: true);

    [Theory]
    [InlineData(50, 1000, true)] // a list in a value in a list …: two messages a level
    [InlineData(51, 1000, false)]
    [InlineData(51, 102, false)] // refused by the counter, where the bytes have to be counted
    [InlineData(10_000, 20_000, false)]
    public void Depth_is_bounded(int lists, int maxElements, bool isRead)
    {
        byte[] bytes = [];
        for (int i = 0; i < lists; i++)
        {
            byte[] value = [0x32, .. Prefixed(bytes)]; // Value.list_value
            bytes = [0x0a, .. Prefixed(value)];        // ListValue.values
        }

        Reads(s_list, bytes, maxElements, isRead);
    }

    [Fact]
    public void Unknown_groups_are_bounded_too()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0x1b, 1000)]; // field 3, start of a group
        Reads(s_list, bytes, 100_000, isRead: false);
        Reads(s_list, [0x1b, 0x08, 1, 0x1c], 2, isRead: true);
        Reads(s_list, [0x1b, 0x08, 1, 0x24], 10, isRead: false); // the end of another group
    }

    [Theory]
    [InlineData(new byte[] { 0x0a })]
    [InlineData(new byte[] { 0x0a, 0x05, 1 })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[] { 0x0e, 0x00 })]
    [InlineData(new byte[] { 0x0c })]
    [InlineData(new byte[] { 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 })]
    [InlineData(new byte[] { 0x0d, 1, 2, 3 })]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f })]
    public void Garbage_is_a_violation(byte[] bytes) => Reads(s_list, bytes, 1000, isRead: false);

    [Theory]
    [InlineData(20)] // below what the bytes could hold, so that they are counted
    [InlineData(5)]
    public void Whatever_the_bytes_the_outcome_is_a_violation_or_a_message_of_no_more_elements(int maxElements)
    {
        Random random = new(1);
        Struct list = new() { Fields = { ["a"] = Value.ForList(Value.ForNumber(1)), ["b"] = Value.ForString("x") } };
        SourceCodeInfo.Types.Location numbers = new() { Path = { 1, 2, 300 }, Span = { 4, 5 }, LeadingDetachedComments = { "a", "b" } };
        for (int i = 0; i < 20_000; i++)
        {
            Reads(Codec.Protobuf(Struct.Parser), list.ToByteArray(), maxElements, random);
            Reads(Codec.Protobuf(SourceCodeInfo.Types.Location.Parser), numbers.ToByteArray(), maxElements, random);
        }
    }

    private static void Reads<T>(MessageCodec<T> codec, byte[] bytes, int maxElements, Random random)
        where T : IMessage
    {
        for (int j = random.Next(4); j >= 0; j--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        try
        {
            Assert.InRange(Elements(codec.Read(new ReadOnlySequence<byte>(bytes, 0, random.Next(bytes.Length + 1)), maxElements)), 0, maxElements);
        }
        catch (ProtocolViolationException)
        {
        }
    }

    /// <summary>The submessages and elements that a message holds.</summary>
    private static int Elements(IMessage message) => message.Descriptor.Fields.InFieldNumberOrder().Sum(field => field.Accessor.GetValue(message) switch
    {
        IDictionary map => map.Values.OfType<IMessage>().Sum(value => 2 + Elements(value)), // an entry, and its value
        IList list => list.Count + list.OfType<IMessage>().Sum(Elements),
        IMessage within => 1 + Elements(within),
        _ => 0,
    });

    private static void Reads<T>(MessageCodec<T> codec, byte[] bytes, int maxElements, bool isRead)
    {
        if (isRead)
        {
            codec.Read(new ReadOnlySequence<byte>(bytes), maxElements);
        }
        else
        {
            Assert.Throws<ProtocolViolationException>(() => codec.Read(new ReadOnlySequence<byte>(bytes), maxElements));
        }
    }

    private static byte[] Prefixed(byte[] bytes)
    {
        List<byte> prefix = [];
        int rest = bytes.Length;
        for (; rest >= 0x80; rest >>= 7)
        {
            prefix.Add((byte)(rest | 0x80));
        }

        return [.. prefix, (byte)rest, .. bytes];
    }
}
