using System.Buffers;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Libp2p.Codecs;

namespace Libp2p.Benchmarks.Codecs;

/// <summary>
/// Parsing a protobuf message, and the same after its elements were counted over the wire format: messages of the standard protocols,
/// and the worst that there may be for the counter.
/// </summary>
public class CountingBenchmarks
{
    private ReadOnlySequence<byte> _bytes;
    private Func<IMessage>? _parse;
    private Func<IMessage>? _read;

    [ParamsSource(nameof(Messages))]
    public string Message { get; set; } = "";

    public static IEnumerable<string> Messages => CountedMessage.All.Keys;

    [GlobalSetup]
    public void Setup() => CountedMessage.All[Message].Use(this);

    [Benchmark(Baseline = true)]
    public IMessage Parse() => _parse!();

    [Benchmark]
    public IMessage CountAndParse() => _read!();

    internal void Use<T>(MessageParser<T> parser, T message, int maxElements)
        where T : class, IMessage<T>, new()
    {
        _bytes = new ReadOnlySequence<byte>(message.ToByteArray());
        MessageCodec<T> codec = Codec.Protobuf(parser);
        _parse = () => parser.ParseFrom(_bytes);
        _read = () => codec.Read(_bytes, maxElements);
    }
}
