using System.Buffers;
using System.Text.Json.Serialization;
using Libp2p.Codecs;

namespace Libp2p.Tests.Codecs;

public sealed partial class CodecTests
{
    [Theory]
    [InlineData("")]
    [InlineData("grüß dich, 世界 🌍")]
    public void Text_comes_back(string text) => Assert.Equal(text, RoundTrip(Codec.Text, text));

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0xc3 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80 })]
    public void Text_that_is_not_utf8_is_a_violation(byte[] bytes) =>
        Assert.Throws<ProtocolViolationException>(() => Codec.Text.Read(new ReadOnlySequence<byte>(bytes), 1));

    [Fact]
    public void Bytes_are_lent_and_can_be_owned()
    {
        byte[] bytes = [1, 2, 3];
        ReadOnlyMemory<byte> lent = Codec.Memory.Read(new ReadOnlySequence<byte>(bytes), 1);
        ReadOnlyMemory<byte> owned = Codec.Memory.ToOwned(lent);

        bytes[0] = 9;

        Assert.True(Codec.Memory.KeepsSource);
        Assert.Equal([9, 2, 3], lent.ToArray());
        Assert.Equal([1, 2, 3], owned.ToArray());
        Assert.Equal([1, 2, 3], RoundTrip(Codec.Sequence, new ReadOnlySequence<byte>(owned)).ToArray());
    }

    [Fact]
    public void An_optional_value_is_the_value()
    {
        MessageCodec<ReadOnlyMemory<byte>?> codec = Codec.OptionalValue(Codec.Memory);

        Assert.Equal([1, 2], RoundTrip(codec, new byte[] { 1, 2 })!.Value.ToArray());
        Assert.True(codec.KeepsSource);
    }

    [Fact]
    public void Json_comes_back()
    {
        MessageCodec<Weather> codec = Codec.Json<Weather>(WeatherContext.Default);
        Weather weather = new("Łódź", [1, 2, 3]);

        Weather read = RoundTrip(codec, weather);

        Assert.Equal(weather.Town, read.Town);
        Assert.Equal(weather.Degrees, read.Degrees);
    }

    [Fact]
    public void Json_is_framed_like_anything_else()
    {
        System.IO.Pipelines.Pipe pipe = new();
        MessageCodec<Weather> codec = Codec.Json<Weather>(WeatherContext.Default);
        Weather weather = new("Łódź", [.. Enumerable.Range(0, 1000)]);

        int length = new FrameWriter(pipe.Writer, MessageFraming.UInt32, new FrameRules("/test", 100_000)).Write(weather, codec);

        Assert.Equal(codec.GetSize(weather) + 4, length);
        Assert.Equal(length, pipe.Writer.UnflushedBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("[]")]
    [InlineData("{\"Town\":1}")]
    [InlineData("{\"Town\":\"x\",\"Degrees\":[1,2,3,4,5,6,7,8,9,10,11,12]}")]
    public void Json_that_is_no_such_message_is_a_violation(string text)
    {
        MessageCodec<Weather> codec = Codec.Json<Weather>(WeatherContext.Default);

        Assert.Throws<ProtocolViolationException>(() => codec.Read(new ReadOnlySequence<byte>(System.Text.Encoding.UTF8.GetBytes(text)), 10));
    }

    [Fact]
    public void Json_that_is_nested_too_deeply_is_a_violation()
    {
        MessageCodec<Weather> codec = Codec.Json<Weather>(WeatherContext.Default);

        Assert.Throws<ProtocolViolationException>(() => codec.Read(new ReadOnlySequence<byte>([.. Enumerable.Repeat((byte)'[', 100_000)]), int.MaxValue));
    }

    [Fact]
    public void A_context_that_does_not_know_the_type_is_told_at_once() =>
        Assert.Throws<ArgumentException>(() => Codec.Json<CodecTests>(WeatherContext.Default));

    private static T RoundTrip<T>(MessageCodec<T> codec, T message)
    {
        ArrayBufferWriter<byte> bytes = new();
        codec.Write(message, bytes);
        Assert.Equal(codec.GetSize(message), bytes.WrittenCount);
        return codec.Read(new ReadOnlySequence<byte>(bytes.WrittenMemory), 1000);
    }

    public sealed record Weather(string Town, IReadOnlyList<int> Degrees);

    [JsonSerializable(typeof(Weather))]
    private sealed partial class WeatherContext : JsonSerializerContext;
}
