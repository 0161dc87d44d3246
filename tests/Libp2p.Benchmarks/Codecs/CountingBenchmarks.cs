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

    /// <summary>A schema of many short texts; a list of small messages; bytes with little around them.</summary>
    [Params("schema", "list", "bytes")]
    public string Message { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        switch (Message)
        {
            case "schema":
                Use(FileDescriptorProto.Parser, StructReflection.Descriptor.ToProto());
                break;
            case "list":
                Use(ListValue.Parser, new ListValue { Values = { Enumerable.Range(0, 200).Select(i => Value.ForString($"value {i}")) } });
                break;
            default:
                Use(Any.Parser, new Any { TypeUrl = "example", Value = ByteString.CopyFrom(new byte[1000]) });
                break;
        }
    }

    [Benchmark(Baseline = true)]
    public IMessage Parse() => _parse!();

    [Benchmark]
    public IMessage CountAndParse() => _read!();

    private void Use<T>(MessageParser<T> parser, T message)
        where T : class, IMessage<T>, new()
    {
        _bytes = new ReadOnlySequence<byte>(message.ToByteArray());
        MessageCodec<T> codec = Codec.Protobuf(parser);
        _parse = () => parser.ParseFrom(_bytes);
        _read = () => codec.Read(_bytes, int.MaxValue);
    }
}
