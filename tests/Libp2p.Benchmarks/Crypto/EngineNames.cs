using Libp2p.Crypto;

namespace Libp2p.Benchmarks.Crypto;

/// <summary>The engines of this machine, by name.</summary>
internal static class EngineNames
{
    public static IEnumerable<string> Present =>
        CryptoEngine.TryGetLibsodium(out _) ? ["portable", "platform", "libsodium"] : ["portable", "platform"];

    public static CryptoEngine Resolve(string name) => name switch
    {
        "portable" => CryptoEngine.Portable,
        "platform" => CryptoEngine.Platform,
        "libsodium" when CryptoEngine.TryGetLibsodium(out CryptoEngine? engine) => engine,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
