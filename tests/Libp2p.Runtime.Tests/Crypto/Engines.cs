using System.Reflection;
using Libp2p.Crypto;
using Xunit.Sdk;

namespace Libp2p.Tests.Crypto;

/// <summary>The engines under test, by name: a theory's rows must be printable.</summary>
internal static class Engines
{
    public static CryptoEngine ByName(string name) => name switch
    {
        "portable" => CryptoEngine.Portable,
        "platform" => CryptoEngine.Platform,
        "default" => CryptoEngine.Default,
        "libsodium" when CryptoEngine.TryGetLibsodium(out CryptoEngine? engine) => engine,
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}

/// <summary>One row for each engine that is there on every machine.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EngineDataAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["portable"], ["platform"], ["default"]];
}

/// <summary>A row for libsodium; skipped, and visibly so, on a machine that lacks it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LibsodiumDataAttribute : DataAttribute
{
    public LibsodiumDataAttribute()
    {
        if (!CryptoEngine.TryGetLibsodium(out _))
        {
            Skip = "libsodium is not installed on this machine.";
        }
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["libsodium"]];
}
