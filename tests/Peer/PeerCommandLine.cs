using System.CommandLine;
using System.Text.Json.Nodes;

namespace Libp2p.Peer;

/// <summary>The command line of the peer contract. What the contract knows and this peer lacks is parsed, so that it can be refused.</summary>
internal sealed class PeerCommandLine
{
    private static readonly string[] s_actionTexts =
    [
        "count", "size", "data", "hex", "protocol", "timeout", "seconds", "parallel", "ms", "code", "upload", "download", "duration",
    ];

    private static readonly string[] s_actionFlags = ["no-close", "no-wait", "reset", "force", "hash"];

    private static readonly string[] s_unsupportedTexts =
    [
        "psk", "announce", "relay", "fetch", "kad-mode", "kad-protocol", "kad-namespace", "topic", "sign", "gossipsub", "relay-max", "relay-seconds",
        "relay-bytes", "tls-cert", "tls-key", "key-name", "value", "cid", "target", "wait", "subscribers", "linger", "ask",
    ];

    private static readonly string[] s_unsupportedFlags = ["relay-unlimited", "monitor", "public", "private"];

    private readonly Dictionary<string, Option> _options = [];
    private readonly Argument<string> _address = new("multiaddr");

    public PeerCommandLine()
    {
        Root = new RootCommand("A libp2p node under test.");
        Command dial = new("dial", "Connects and runs actions.") { _address };
        Command generateKey = new("genkey", "Writes a private key.");
        generateKey.Validators.Add(result =>
        {
            if (result.GetValue<string>("--out") is null)
            {
                result.AddError("genkey needs --out");
            }
        });
        foreach (Command command in new[] { new Command("listen", "Starts a node."), dial, generateKey, new Command("genpsk", "Writes a swarm key."), new Command("kit", "Answers requests, one a line.") })
        {
            Root.Add(command);
        }

        foreach (string name in (string[])["transport", "security", "muxer", "key-type", "key", "ip", "out", "agent", "protocols", "do", .. s_actionTexts, .. s_unsupportedTexts])
        {
            Add(new Option<string>("--" + name));
        }

        foreach (string name in (string[])["exit-on-eof", "stdin", "no-early-muxer", "no-lazy-negotiation", .. s_actionFlags, .. s_unsupportedFlags])
        {
            Add(new Option<bool>("--" + name));
        }

        Add(new Option<ushort>("--port"));
        Add(new Option<long?>("--seed"));
        Add(new Option<int?>("--rsa-bits"));
        Add(new Option<string[]>("--listen"));
        Add(new Option<string[]>("--handle"));
    }

    public RootCommand Root { get; }

    public string Address(ParseResult parsed) => parsed.GetValue(_address)!;

    public PeerOptions Read(ParseResult parsed)
    {
        if (parsed.CommandResult.Command.Name == "genpsk")
        {
            throw new UnsupportedException("genpsk");
        }

        foreach (string name in s_unsupportedTexts.Concat(s_unsupportedFlags))
        {
            if (parsed.GetResult(_options[name]) is { Implicit: false })
            {
                throw new UnsupportedException($"--{name}");
            }
        }

        Only("transport", Text("transport"), "tcp", "memory");
        Only("security", Text("security"), "noise", "tls", "plaintext");
        Only("muxer", Text("muxer"), "yamux");
        Only("key type", Text("key-type"), [.. PeerOptions.KeyTypes.Keys]);
        IReadOnlyList<string>? protocols = List(Text("protocols"));
        foreach (string protocol in protocols ?? [])
        {
            if (!PeerOptions.KnownProtocols.Contains(protocol))
            {
                throw new UnsupportedException($"protocol {protocol}");
            }
        }

        JsonObject arguments = [];
        foreach (string name in s_actionTexts)
        {
            if (Text(name) is { } value)
            {
                arguments[name] = value;
            }
        }

        foreach (string name in s_actionFlags.Where(Flag))
        {
            arguments[name] = true;
        }

        return new PeerOptions
        {
            Transports = List(Text("transport")) ?? ["tcp"],
            Security = List(Text("security")) ?? ["noise"],
            EarlyMuxer = !Flag("no-early-muxer"),
            LazyNegotiation = !Flag("no-lazy-negotiation"),
            Agent = Text("agent"),
            Hash = Flag("hash"),
            Listen = parsed.GetValue((Option<string[]>)_options["listen"]) ?? [],
            Handle = parsed.GetValue((Option<string[]>)_options["handle"]) ?? [],
            Ip = Text("ip") ?? "127.0.0.1",
            Port = parsed.GetValue((Option<ushort>)_options["port"]),
            KeyFile = Text("key"),
            KeyType = PeerOptions.KeyTypes[Text("key-type") ?? "ed25519"],
            RsaBits = parsed.GetValue((Option<int?>)_options["rsa-bits"]) ?? PrivateKey.MinRsaBits,
            Seed = parsed.GetValue((Option<long?>)_options["seed"]),
            Out = Text("out"),
            Protocols = protocols,
            Actions = List(Text("do")) ?? ["ping"],
            Arguments = arguments,
            Stdin = Flag("stdin"),
            ExitOnEof = Flag("exit-on-eof"),
        };

        string? Text(string name) => parsed.GetValue((Option<string>)_options[name]);

        bool Flag(string name) => parsed.GetValue((Option<bool>)_options[name]);
    }

    private static string[]? List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Only(string what, string? asked, params ReadOnlySpan<string> supported)
    {
        foreach (string name in List(asked) ?? [])
        {
            if (!supported.Contains(name))
            {
                throw new UnsupportedException($"{what} {name}");
            }
        }
    }

    private void Add(Option option)
    {
        option.Recursive = true;
        _options[option.Name.TrimStart('-')] = option;
        Root.Add(option);
    }
}
