using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Libp2p.Crypto;

namespace Libp2p.Benchmarks.Crypto;

/// <summary>The portable secp256k1, and beside it the platform's: why no engine takes that one.</summary>
public class Secp256k1Benchmarks
{
    private readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private readonly byte[] _message = new byte[100];
    private readonly byte[] _publicKey = new byte[CryptoEngine.Secp256k1PublicKeySize];
    private readonly byte[] _signature = new byte[CryptoEngine.Secp256k1MaxSignatureSize];
    private int _length;
    private ECDsa? _platform;
    private byte[] _platformSignature = [];

    [GlobalSetup]
    public void Setup()
    {
        _ = CryptoEngine.Portable.TryDeriveSecp256k1PublicKey(_key, _publicKey);
        _length = CryptoEngine.Portable.SignSecp256k1(_key, _message, _signature);
        _platform = ECDsa.Create(ECCurve.CreateFromValue("1.3.132.0.10"));
        _platformSignature = PlatformSign();
    }

    [GlobalCleanup]
    public void Cleanup() => _platform?.Dispose();

    [Benchmark]
    public int PortableSign() => CryptoEngine.Portable.SignSecp256k1(_key, _message, _signature);

    [Benchmark]
    public bool PortableVerify() => CryptoEngine.Portable.VerifySecp256k1(_publicKey, _message, _signature.AsSpan(0, _length));

    [Benchmark]
    public byte[] PlatformSign() => _platform!.SignData(_message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    [Benchmark]
    public bool PlatformVerify() =>
        _platform!.VerifyData(_message, _platformSignature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
}
