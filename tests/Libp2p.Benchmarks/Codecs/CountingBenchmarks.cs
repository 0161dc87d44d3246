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
    /// Bytes with little around them; 100 small messages of numbers; the same, but more bytes than there may be elements; a list of a type
    /// that may be within itself.
    /// </summary>
    [Params("bytes", "numbers", "many numbers", "recursive")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        switch (Message)
        {
            case "bytes":
                Use(Any.Parser, new Any { TypeUrl = "example", Value = ByteString.CopyFrom(new byte[1000]) }, 4096);
                break;
            case "numbers":
                Use(SourceCodeInfo.Parser, Numbers(), 4096);
                break;
            case "many numbers":
                Use(SourceCodeInfo.Parser, Numbers(), 1000);
                break;
            default:
                Use(ListValue.Parser, new ListValue { Values = { Enumerable.Range(0, 100).Select(i => Value.ForString($"value {i}")) } }, 4096);
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
