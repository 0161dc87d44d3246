using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Libp2p.Codecs;

namespace Libp2p.Tests.Codecs;

/// <summary>Each framing over the pieces that a stream may give.</summary>
public sealed class FramingTests
{
    private const int Limit = 300;

    public static TheoryData<string> Framings => ["varint", "uint16", "uint32", "fixed", "line"];

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task Frames_survive_every_split_in_two(string name)
    {
        (MessageFraming framing, byte[][] messages) = Sample(name);
        byte[] wire = Write(framing, messages);
        for (int split = 0; split <= wire.Length; split++)
        {
            await ReadsAsync(framing, messages, wire[..split], wire[split..]);
        }
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task Frames_survive_one_byte_at_a_time(string name)
    {
        (MessageFraming framing, byte[][] messages) = Sample(name);

        await ReadsAsync(framing, messages, [.. Write(framing, messages).Select(one => new[] { one })]);
    }

    [Theory]
    [MemberData(nameof(Framings))]
    public async Task The_stream_may_not_end_inside_a_frame(string name)
    {
        (MessageFraming framing, byte[][] messages) = Sample(name);
        HashSet<int> boundaries = [0];
        int at = 0;
        foreach (byte[] message in messages)
        {
            boundaries.Add(at += Write(framing, [message]).Length);
        }

        byte[] wire = Write(framing, messages);
        for (int end = 0; end < wire.Length; end++)
        {
            Task reading = ReadAllAsync(framing, new ChunkReader(wire[..end]));
            if (boundaries.Contains(end))
            {
                await reading;
            }
            else
            {
                ProtocolViolationException e = await Assert.ThrowsAsync<ProtocolViolationException>(() => reading);
                Assert.Contains("/test", e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("varint")]
    [InlineData("uint16")]
    [InlineData("uint32")]
    [InlineData("line")]
    [InlineData("none")]
    public async Task The_longest_message_is_read_and_one_byte_more_is_not(string name)
    {
        MessageFraming framing = Framing(name);
        byte[] longest = [.. Enumerable.Repeat((byte)'x', Limit)];

        Assert.Equal([longest], await ReadAllAsync(framing, new ChunkReader(Write(framing, [longest]))));
        await Assert.ThrowsAsync<ProtocolViolationException>(
            () => ReadAllAsync(framing, new ChunkReader(Write(framing, [[.. longest, (byte)'x']], limit: Limit + 1))));
    }

    [Theory]
    [InlineData("varint", new byte[] { 0xad, 0x02 })] // 301
    [InlineData("varint", new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f })]
    [InlineData("uint16", new byte[] { 0x01, 0x2d })]
    [InlineData("uint32", new byte[] { 0xff, 0xff, 0xff, 0xff })]
    [InlineData("uint32", new byte[] { 0x80, 0, 0, 0 })]
    public async Task A_length_over_the_limit_is_refused_before_a_byte_of_the_message_is_there(string name, byte[] prefix)
    {
        ProtocolViolationException e = await Assert.ThrowsAsync<ProtocolViolationException>(
            () => ReadAllAsync(Framing(name), new ChunkReader(prefix, [1])));

        Assert.Contains($"at most {Limit}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 0x81, 0x80, 0x00 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80 })]
    [InlineData(new byte[] { 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    public async Task A_varint_is_minimal_and_of_at_most_nine_bytes(byte[] prefix) =>
        await Assert.ThrowsAsync<ProtocolViolationException>(() => ReadAllAsync(MessageFraming.Varint, new ChunkReader(prefix, [1])));

    [Fact]
    public async Task An_empty_stream_without_framing_is_an_empty_message() =>
        Assert.Equal([[]], await ReadAllAsync(MessageFraming.None, new ChunkReader()));

    [Fact]
    public async Task A_carriage_return_before_a_line_feed_is_dropped()
    {
        byte[] wire = Encoding.ASCII.GetBytes("one\r\ntwo\n\r\n\n\r\r\n");
        for (int split = 0; split <= wire.Length; split++)
        {
            List<byte[]> lines = await ReadAllAsync(MessageFraming.Line, new ChunkReader(wire[..split], wire[split..]));
            Assert.Equal(["one", "two", "", "", "\r"], lines.Select(Encoding.ASCII.GetString));
        }
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("a\r")]
    [InlineData("\n")]
    public void What_would_break_a_line_is_not_written(string text)
    {
        FrameWriter writer = new(new Pipe().Writer, MessageFraming.Line, new FrameRules("/test", Limit));

        Assert.Throws<ArgumentException>(() => writer.Write(text, Codec.Text));
    }

    [Fact]
    public void A_message_over_the_limit_is_not_written()
    {
        Pipe pipe = new();
        FrameWriter writer = new(pipe.Writer, MessageFraming.Varint, new FrameRules("/test", 3));

        Assert.Throws<LimitExceededException>(() => writer.Write(new byte[4], Codec.Memory));
        Assert.Equal(0, pipe.Writer.UnflushedBytes);
        Assert.False(writer.IsBroken);
    }

    [Fact]
    public void A_message_that_a_prefix_cannot_tell_is_not_written()
    {
        FrameWriter writer = new(new Pipe().Writer, MessageFraming.UInt16, new FrameRules("/test", int.MaxValue));

        Assert.Throws<LimitExceededException>(() => writer.Write(new byte[65536], Codec.Memory));
        Assert.Equal(65537, writer.Write(new byte[65535], Codec.Memory));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(0)]
    public void A_message_of_another_size_is_not_written(int size)
    {
        FrameWriter writer = new(new Pipe().Writer, MessageFraming.Fixed(32), new FrameRules("/test", Limit));

        Assert.Throws<ArgumentException>(() => writer.Write(new byte[size], Codec.Memory));
        Assert.False(writer.IsBroken);
    }

    [Theory]
    [InlineData(4, 5)]
    [InlineData(5, 4)]
    public void A_codec_that_declares_a_wrong_size_breaks_the_stream_and_not_the_framing(int declared, int written)
    {
        FrameWriter writer = new(new Pipe().Writer, MessageFraming.Varint, new FrameRules("/test", Limit));

        Assert.Throws<InvalidOperationException>(() => writer.Write(0, new LyingCodec(declared, written)));
        Assert.True(writer.IsBroken);
    }

    [Fact]
    public async Task A_long_frame_leaves_the_pipe_as_it_arrives_and_nothing_behind_it_does()
    {
        byte[] message = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
        byte[] wire = [.. Write(MessageFraming.Varint, [message], limit: int.MaxValue), 1, 7, 9];
        ChunkReader input = new([.. wire.Chunk(1000)]);
        using FrameReader reader = new(input, MessageFraming.Varint, new FrameRules("/test", message.Length));
        using Exchange exchange = NoExchange();

        Assert.True(await reader.ReadAsync(exchange, default));
        Assert.Equal(message, reader.Payload.ToArray());
        Assert.True(input.MostHeld < 20_000, $"{input.MostHeld} bytes lay in the pipe");
        Assert.Equal(wire.Length - 3, input.Consumed);

        Assert.True(await reader.ReadAsync(exchange, default));
        Assert.Equal([7], reader.Payload.ToArray());
        reader.Release();
        Assert.Equal(wire.Length - 1, input.Consumed);
    }

    [Theory]
    [InlineData("line")]
    [InlineData("none")]
    public async Task A_long_message_of_unknown_length_leaves_the_pipe_as_it_arrives(string name)
    {
        byte[] message = [.. Enumerable.Repeat((byte)'x', 100_000)];
        ChunkReader input = new([.. Write(Framing(name), [message], limit: int.MaxValue).Chunk(999)]);

        Assert.Equal([message], await ReadAllAsync(Framing(name), input, message.Length));
        Assert.True(input.MostHeld < 20_000);
    }

    [Theory]
    [InlineData(16 * 1024 - 1)]
    [InlineData(16 * 1024)]
    [InlineData(16 * 1024 + 1)]
    [InlineData(32 * 1024)]
    public async Task A_carriage_return_at_any_seam_is_dropped_from_the_longest_line(int length)
    {
        byte[] line = [.. Enumerable.Repeat((byte)'x', length)];
        byte[] wire = [.. line, (byte)'\r', (byte)'\n'];

        Assert.Equal([line], await ReadAllAsync(MessageFraming.Line, new ChunkReader(wire[..length], wire[length..^1], wire[^1..]), length));
    }

    [Fact]
    public async Task What_follows_a_frame_stays_in_the_pipe()
    {
        ChunkReader input = new([2, 1, 2, 9, 9, 9]);
        using FrameReader reader = new(input, MessageFraming.Varint, new FrameRules("/test", Limit));

        await reader.ReadAsync(NoExchange(), default);
        reader.Release();

        Assert.Equal(3, input.Consumed);
        Assert.True(input.TryRead(out ReadResult rest));
        Assert.Equal([9, 9, 9], rest.Buffer.ToArray());
    }

    private static MessageFraming Framing(string name) => name switch
    {
        "varint" => MessageFraming.Varint,
        "uint16" => MessageFraming.UInt16,
        "uint32" => MessageFraming.UInt32,
        "fixed" => MessageFraming.Fixed(5),
        "line" => MessageFraming.Line,
        _ => MessageFraming.None,
    };

    private static (MessageFraming Framing, byte[][] Messages) Sample(string name) => name == "fixed"
        ? (Framing(name), [[1, 2, 3, 4, 5], [0, 0, 0, 0, 0], [9, 8, 7, 6, 5]])
        : (Framing(name), ["hello"u8.ToArray(), [], [.. Enumerable.Repeat((byte)'y', 200)], "z"u8.ToArray(), []]);

    private static byte[] Write(MessageFraming framing, byte[][] messages, int limit = Limit)
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        FrameWriter writer = new(pipe.Writer, framing, new FrameRules("/test", limit));
        int length = messages.Sum(message =>
        {
            int written = writer.Write(message, Codec.Memory);
            Assert.True(writer.FlushAsync(default).AsTask().IsCompletedSuccessfully); // a long message is sent in pieces
            return written;
        });
        pipe.Writer.Complete();
        byte[] wire = pipe.Reader.TryRead(out ReadResult read) ? read.Buffer.ToArray() : [];
        Assert.Equal(length, wire.Length);
        return wire;
    }

    private static async Task ReadsAsync(MessageFraming framing, byte[][] messages, params byte[][] chunks)
    {
        ChunkReader input = new(chunks);
        Assert.Equal(messages, await ReadAllAsync(framing, input));
        Assert.Equal(chunks.Sum(chunk => chunk.Length), input.Consumed);
    }

    private static async Task<List<byte[]>> ReadAllAsync(MessageFraming framing, ChunkReader input, int limit = Limit)
    {
        using FrameReader reader = new(input, framing, new FrameRules("/test", limit));
        using Exchange exchange = NoExchange();
        List<byte[]> messages = [];
        while (await reader.ReadAsync(exchange, default))
        {
            messages.Add(reader.Payload.ToArray());
        }

        return messages;
    }

    private static Exchange NoExchange() => new("test", OperationLimits.Default, null, TimeProvider.System, default);

    private sealed class LyingCodec(int declared, int written) : MessageCodec<int>
    {
        public override int GetSize(int message) => declared;

        public override void Write(int message, IBufferWriter<byte> destination) => destination.Write(new byte[written]);

        public override int Read(ReadOnlySequence<byte> source, int maxElements) => 0;
    }
}
