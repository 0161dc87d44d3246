using System.Reflection;
using Libp2p.TestKit;

namespace Libp2p.Interop.Peers;

/// <summary>A program that fulfils the peer contract: one command line for a libp2p node, whatever it is written in.</summary>
/// <param name="Name">What the tests call it.</param>
/// <param name="File">What is started.</param>
/// <param name="Arguments">What comes before the arguments of the contract.</param>
/// <param name="Needed">The file without which it cannot be started.</param>
/// <param name="Remedy">How to get it.</param>
internal sealed record PeerProgram(string Name, string File, IReadOnlyList<string> Arguments, string Needed, string Remedy)
{
    public const string Ours = "ours";

    /// <summary>The implementations that ours is held against.</summary>
    public static readonly IReadOnlyList<string> Others = ["go", "rust", "js"];

    /// <summary>Whether absent peers are failures, as in a run that must prove interoperability.</summary>
    public static readonly bool Required = Environment.GetEnvironmentVariable("LIBP2P_REQUIRE_PEERS") == "1";

    private const string Remote = "set LIBP2P_PEERS to a folder that holds it";

    /// <summary>Why it cannot be started here; null when it can.</summary>
    public string? Absence => System.IO.File.Exists(Needed) ? null : $"the {Name} peer is absent: no {Needed}; {Remedy}";

    public static PeerProgram Named(string name) => name switch
    {
        Ours => Managed(Repository.At($"tests/Peer/bin/{Configuration()}/net10.0/peer.dll")),
        "js" => Node(Repository.At("tests/Interop/js")),
        _ => Native(name, Path.Combine(OtherPeers(), name, "bin", "peer-linux-x64")),
    };

    private static PeerProgram Managed(string program) => new(Ours, "dotnet", [program], program, "build tests/Peer");

    private static PeerProgram Native(string name, string program) => new(name, program, [], program, Remote);

    private static PeerProgram Node(string folder) =>
        new("js", Path.Combine(folder, "peer"), [], Path.Combine(folder, "node_modules", "libp2p", "package.json"), "run npm ci in tests/Interop/js");

    private static string OtherPeers() =>
        Environment.GetEnvironmentVariable("LIBP2P_PEERS") is { Length: > 0 } folder ? folder : Path.GetFullPath(Repository.At("../shared/peers"));

    private static string Configuration() => typeof(PeerProgram).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
}
