using System.Text.Json.Nodes;

namespace Libp2p.Peer;

/// <summary>What the command line said, checked against what this peer can do.</summary>
internal sealed record PeerOptions
{
    /// <summary>The protocols this peer can serve, by the contract's names.</summary>
    public static readonly IReadOnlyList<string> KnownProtocols = ["identify", "ping", "echo", "perf"];

    /// <summary>The key types, by the contract's names.</summary>
    public static readonly IReadOnlyDictionary<string, KeyType> KeyTypes = Enum.GetValues<KeyType>().ToDictionary(type => type.ToString().ToLowerInvariant());

    public IReadOnlyList<string> Transports { get; init; } = ["tcp"];

    /// <summary>In order of preference.</summary>
    public IReadOnlyList<string> Security { get; init; } = ["noise"];

    /// <summary>Whether the muxer may be agreed inside the security handshake.</summary>
    public bool EarlyMuxer { get; init; } = true;

    /// <summary>Whether streams propose a protocol that the peer is known to speak together with their first bytes.</summary>
    public bool LazyNegotiation { get; init; } = true;

    /// <summary>What identify says we are; null: what it says anyway.</summary>
    public string? Agent { get; init; }

    /// <summary>Whether transfers over perf are hashed, and what was served is told.</summary>
    public bool Hash { get; init; }

    public required IReadOnlyList<string> Listen { get; init; }

    public string Ip { get; init; } = "127.0.0.1";

    public int Port { get; init; }

    public string? KeyFile { get; init; }

    public KeyType KeyType { get; init; } = KeyType.Ed25519;

    public int RsaBits { get; init; } = PrivateKey.MinRsaBits;

    public long? Seed { get; init; }

    public string? Out { get; init; }

    public IReadOnlyList<string>? Protocols { get; init; }

    public IReadOnlyList<string> Handle { get; init; } = [];

    public IReadOnlyList<string> Actions { get; init; } = ["ping"];

    /// <summary>The arguments of actions, as they would come in a JSON command.</summary>
    public JsonObject Arguments { get; init; } = [];

    /// <summary>Whether <c>dial</c> takes commands, too.</summary>
    public bool Stdin { get; init; }

    public bool ExitOnEof { get; init; }

    /// <summary>Where to listen: the addresses given, or one for each transport, made of ip and port.</summary>
    public IReadOnlyList<Multiaddress> ListenAddresses =>
        [.. (Listen.Count > 0 ? Listen : Transports.Select(DefaultAddress)).Select(Multiaddress.Parse)];

    private string DefaultAddress(string transport) =>
        transport == "memory" ? $"/memory/{Port}" : $"/{(Ip.Contains(':') ? "ip6" : "ip4")}/{Ip}/tcp/{Port}";
}
