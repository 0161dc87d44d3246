using System.Reflection;
using Libp2p.Interop.Peers;
using Xunit.Sdk;

namespace Libp2p.Interop.Pairing;

/// <summary>Rows of a dialer and a listener: ours with every other in both directions, and with itself.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PairsAttribute : DataAttribute
{
    public static IReadOnlyList<(string Dialer, string Listener)> All { get; } =
    [
        .. PeerProgram.Others.SelectMany(other => new[] { (PeerProgram.Ours, other), (other, PeerProgram.Ours) }),
        (PeerProgram.Ours, PeerProgram.Ours),
        .. Foreign(),
    ];

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => All.Select(pair => new object[] { pair.Dialer, pair.Listener });

    /// <summary>The others among themselves, where someone asks whether a case or our node is at fault.</summary>
    private static IEnumerable<(string Dialer, string Listener)> Foreign() => Environment.GetEnvironmentVariable("LIBP2P_FOREIGN_PAIRS") == "1"
        ? PeerProgram.Others.SelectMany(_ => PeerProgram.Others, (dialer, listener) => (dialer, listener))
        : [];
}

/// <summary>Rows of one other implementation each.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OthersAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => PeerProgram.Others.Select(name => new object[] { name });
}
