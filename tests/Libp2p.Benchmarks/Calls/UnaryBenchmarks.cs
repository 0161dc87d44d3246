using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using Libp2p.Muxers;

namespace Libp2p.Benchmarks.Calls;

/// <summary>
/// A request and its response on an open stream in memory: written and read by hand, which is what the stream alone costs, and as a
/// declared call.
/// </summary>
[MemoryDiagnoser]
public class UnaryBenchmarks : IAsyncDisposable
{
    private readonly byte[] _prefix = new byte[4];
    private byte[] _message = [];
    private int _prefixLength;
    private IMuxedStream? _byHand;
    private KeptStream? _kept;
    private IEchoed? _client;

    [Params(32, 1024, 16_000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _message = new byte[Bytes];
        _prefixLength = 0;
        for (int rest = Bytes; rest > 0; rest >>= 7)
        {
            _prefix[_prefixLength++] = (byte)(rest >= 0x80 ? rest | 0x80 : rest);
        }

        InMemoryStreamPair pair = new();
        _byHand = pair.Initiator;
        _ = EchoAsync(pair.Responder);
        _kept = new KeptStream(IEchoed.Protocol);
        _client = IEchoed.Protocol.CreateClient(_kept);
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _byHand!.DisposeAsync();
        await _kept!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Benchmark(Baseline = true)]
    public async Task<int> ByHand()
    {
        _byHand!.Output.Write(_prefix.AsSpan(0, _prefixLength));
        await _byHand.Output.WriteAsync(_message);
        int due = _prefixLength + Bytes;
        ReadResult read = await _byHand.Input.ReadAtLeastAsync(due);
        byte[] response = read.Buffer.Slice(_prefixLength, Bytes).ToArray();
        _byHand.Input.AdvanceTo(read.Buffer.GetPosition(due));
        return response.Length;
    }

    [Benchmark]
    public async Task<int> Call() => (await _client!.SameAsync(_message)).Length;

    private static async Task EchoAsync(IMuxedStream stream)
    {
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                stream.Output.Write(segment.Span);
            }

            await stream.Output.FlushAsync();
            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                await stream.DisposeAsync();
                return;
            }
        }
    }
}
