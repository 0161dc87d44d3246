using System.Buffers;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;
using Libp2p.Crypto;
using Libp2p.Security.Noise;

namespace Libp2p.Benchmarks.Security;

/// <summary>
/// One message through a pipe: plain, under Noise, and the cipher alone, sealing and opening. What Noise costs beyond its cipher is
/// the framing and the copies.
/// </summary>
[MemoryDiagnoser]
public class NoiseLinkBenchmarks
{
    private readonly byte[] _key = new byte[Aead.KeySize];
    private readonly byte[] _nonce = new byte[Aead.NonceSize];
    private readonly byte[] _tag = new byte[Aead.TagSize];
    private readonly Pipe _plain = NewPipe();
    private readonly Pipe _below = NewPipe();
    private byte[] _message = [];
    private byte[] _sealed = [];
    private Aead? _aead;
    private NoiseWriter? _writer;
    private NoiseReader? _reader;

    [Params(64, 1024, 16384, 65000)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _message = new byte[Bytes];
        _sealed = new byte[Bytes];
        _aead = CryptoEngine.Default.CreateChaCha20Poly1305(_key);
        _writer = new NoiseWriter(_below.Writer, new CipherState(CryptoEngine.Default, _key));
        _reader = new NoiseReader(_below.Reader, new CipherState(CryptoEngine.Default, _key));
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _writer?.Complete();
        _reader?.Complete();
        _aead?.Dispose();
    }

    [Benchmark(Baseline = true)]
    public bool Cipher()
    {
        _aead!.Seal(_nonce, _message, _sealed, _tag);
        return _aead.Open(_nonce, _sealed, _tag, _sealed);
    }

    [Benchmark]
    public ValueTask<long> Plain() => ExchangeAsync(_plain.Writer, _plain.Reader);

    [Benchmark]
    public ValueTask<long> Noise() => ExchangeAsync(_writer!, _reader!);

    private async ValueTask<long> ExchangeAsync(PipeWriter writer, PipeReader reader)
    {
        writer.Write(_message);
        await writer.FlushAsync(); // completes at once: there is room
        long read = 0;

        while (read < Bytes && reader.TryRead(out ReadResult result))
        {
            read += result.Buffer.Length;
            reader.AdvanceTo(result.Buffer.End);
        }

        return read;
    }

    private static Pipe NewPipe() => new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 1 << 20,
        minimumSegmentSize: 32 * 1024,
        useSynchronizationContext: false));
}
