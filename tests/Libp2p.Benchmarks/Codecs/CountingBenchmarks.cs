using System.Buffers;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Libp2p.Codecs;

namespace Libp2p.Benchmarks.Codecs;

/// <summary>Parsing a protobuf message, and the same after its elements and depth were counted over the wire format.</summary>
public class CountingBenchmarks
{
    private ReadOnlySequence<byte> _bytes;
    private Func<IMessage>? _parse;
    private Func<IMessage>? _read;

    /// <summary>
    /// One field of bytes; a list of messages of numbers, of messages, of texts. Those called "near" are so near their limit that most of
    /// the fields have to be looked at; the others may have more elements than their bytes could hold.
    /// </summary>
    [Params("bytes", "numbers", "numbers, near", "messages", "messages, near", "texts, near")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        int maxElements = Message.EndsWith("near", StringComparison.Ordinal) ? 0 : 4096;
        switch (Message.Split(',')[0])
        {
            case "bytes":
                Use(Any.Parser, new Any { TypeUrl = "example", Value = ByteString.CopyFrom(new byte[1000]) }, maxElements);
                break;
            case "numbers":
                Use(SourceCodeInfo.Parser, Numbers(), Math.Max(maxElements, 900)); // it has 800
                break;
            case "messages":
                Use(ListValue.Parser, new ListValue { Values = { Enumerable.Range(0, 100).Select(i => Value.ForString($"value {i}")) } }, Math.Max(maxElements, 110));
                break;
            default:
                Use(FieldMask.Parser, new FieldMask { Paths = { Enumerable.Range(0, 100).Select(i => $"path/to/{i}") } }, Math.Max(maxElements, 110));
                break;
        }
    }

    [Benchmark(Baseline = true)]
    public IMessage Parse() => _parse!();

    [Benchmark]
    public IMessage CountAndParse() => _read!();

    private void Use<T>(MessageParser<T> parser, T message, int maxElements)
        where T : class, IMessage<T>, new()
    {
        _bytes = new ReadOnlySequence<byte>(message.ToByteArray());
        MessageCodec<T> codec = Codec.Protobuf(parser);
        _parse = () => parser.ParseFrom(_bytes);
        _read = () => codec.Read(_bytes, maxElements);
    }

    private static SourceCodeInfo Numbers()
    {
        SourceCodeInfo info = new();
        for (int i = 0; i < 100; i++)
        {
            info.Location.Add(new SourceCodeInfo.Types.Location { Path = { 4, i, 2, 1 }, Span = { i, 2, 30 } });
        }

        return info;
    }
}
