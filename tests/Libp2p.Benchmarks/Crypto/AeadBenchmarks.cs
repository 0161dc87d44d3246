using BenchmarkDotNet.Attributes;
using Libp2p.Crypto;

namespace Libp2p.Benchmarks.Crypto;

/// <summary>ChaCha20-Poly1305 on frames of the sizes that Noise sends.</summary>
public class AeadBenchmarks
{
    private readonly byte[] _nonce = new byte[Aead.NonceSize];
    private readonly byte[] _tag = new byte[Aead.TagSize];
    private byte[] _frame = [];
    private byte[] _sealed = [];
    private Aead? _aead;

    [ParamsSource(nameof(Engines))]
    public string Engine { get; set; } = "";

    [Params(64, 1024, 65536)]
    public int Bytes { get; set; }

    public static IEnumerable<string> Engines => EngineNames.Present;

    [GlobalSetup]
    public void Setup()
    {
        _aead = EngineNames.Resolve(Engine).CreateChaCha20Poly1305(new byte[Aead.KeySize]);
        _frame = new byte[Bytes];
        _sealed = new byte[Bytes];
        _aead.Seal(_nonce, _frame, _sealed, _tag);
    }

    [GlobalCleanup]
    public void Cleanup() => _aead?.Dispose();

    [Benchmark]
    public void Seal() => _aead!.Seal(_nonce, _frame, _sealed, _tag);

    [Benchmark]
    public bool Open() => _aead!.Open(_nonce, _sealed, _tag, _frame);
}
