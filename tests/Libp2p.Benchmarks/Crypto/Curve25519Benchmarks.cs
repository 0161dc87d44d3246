using BenchmarkDotNet.Attributes;
using Libp2p.Crypto;

namespace Libp2p.Benchmarks.Crypto;

/// <summary>What a handshake costs: an ephemeral key, three agreements, a signature made and one judged.</summary>
public class Curve25519Benchmarks
{
    private readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private readonly byte[] _message = new byte[100];
    private readonly byte[] _publicKey = new byte[32];
    private readonly byte[] _shared = new byte[32];
    private readonly byte[] _signature = new byte[64];
    private CryptoEngine? _engine;
    private Ed25519SigningKey? _signingKey;

    [ParamsSource(nameof(Engines))]
    public string Engine { get; set; } = "";

    public static IEnumerable<string> Engines => EngineNames.Present;

    [GlobalSetup]
    public void Setup()
    {
        _engine = EngineNames.Resolve(Engine);
        _engine.DeriveX25519PublicKey(_key, _publicKey);
        _signingKey = _engine.CreateEd25519SigningKey(_key);
        _signingKey.Sign(_message, _signature);
    }

    [GlobalCleanup]
    public void Cleanup() => _signingKey?.Dispose();

    [Benchmark]
    public void X25519PublicKey() => _engine!.DeriveX25519PublicKey(_key, _shared);

    [Benchmark]
    public bool X25519Agree() => _engine!.TryAgreeX25519(_key, _publicKey, _shared);

    [Benchmark]
    public void Ed25519Sign() => _signingKey!.Sign(_message, _signature);

    [Benchmark]
    public bool Ed25519Verify() => _engine!.VerifyEd25519(_signingKey!.PublicKey, _message, _signature);
}
