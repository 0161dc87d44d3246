using Libp2p.Crypto;

namespace Libp2p.Tests.Crypto;

/// <summary>The engines under test, by name: a theory's rows must be printable.</summary>
public static class Engines
{
    public static TheoryData<string> All { get; } = ["portable", "platform", "default"];

    public static CryptoEngine ByName(string name) => name switch
    {
        "portable" => CryptoEngine.Portable,
        "platform" => CryptoEngine.Platform,
        "default" => CryptoEngine.Default,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
