using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;
using Xunit.Abstractions;

namespace Libp2p.Interop.Contract;

/// <summary>What the peer contract promises of <c>dial</c> and of exit codes, held against our peer.</summary>
public sealed class DialTests(ITestOutputHelper output) : PeerTests(output)
{
    public static TheoryData<string> WrongUsage =>
        ["", "nonsense", "dial", "listen --nonsense", "listen extra", "listen --port", "listen --port nonsense", "genkey"];

    public static TheoryData<string, string> Unsupported => new()
    {
        { "listen --transport quic", "quic" },
        { "listen --transport tcp,ws", "ws" },
        { "listen --security nonsense", "nonsense" },
        { "listen --muxer mplex", "mplex" },
        { "listen --protocols ping,kad", "kad" },
        { "listen --psk none", "psk" },
        { "listen --handle /x/1.0.0=nonsense", "nonsense" },
        { "dial /ip4/127.0.0.1/tcp/1/p2p/12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE --do ping,kad-get", "kad-get" },
        { "genkey --out none --key-type nonsense", "nonsense" },
        { "genpsk --out none", "genpsk" },
        { "dial /memory/1/p2p/12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE --transport memory --do ping", "memory" },
    };

    [PeerTheory]
    [Others]
    public async Task Actions_run_in_order_and_succeed(string other)
    {
        PeerProcess listener = await ListenAsync(other);
        PeerProcess dialer = StartOurs("dial", listener.Address, "--do", "ping,echo,connections", "--count", "2", "--size", "70000");

        Assert.Equal(0, await dialer.ExitAsync());
        PeerEvent[] results = Results(dialer);
        Assert.Equal(["dial", "ping", "echo", "connections"], results.Select(result => result.Text("do")));
        Assert.All(results, result => Assert.True(result.Ok, result.ToString()));
        Assert.Equal(2, results[1].Items("rtts").Count);
        Assert.Equal(70_000, results[2].Number("size"));
    }

    [Fact]
    public async Task The_first_action_that_fails_is_the_last()
    {
        PeerProcess listener = await ListenOursAsync();
        PeerProcess dialer = StartOurs("dial", listener.Address, "--do", "ping,stream,echo", "--protocol", "/nobody/1.0.0");

        Assert.Equal(1, await dialer.ExitAsync());
        PeerEvent[] results = Results(dialer);
        Assert.Equal([("dial", true), ("ping", true), ("stream", false)], results.Select(result => (result.Text("do"), result.Ok)));
        Assert.NotNull(results[^1].Text("error"));
    }

    [Fact]
    public async Task A_dial_that_fails_is_the_first_result()
    {
        PeerProcess listener = await ListenOursAsync();
        Assert.Equal(0, await listener.StopAsync());
        PeerProcess dialer = StartOurs("dial", listener.Address, "--do", "ping");

        Assert.Equal(1, await dialer.ExitAsync());
        PeerEvent result = Assert.Single(Results(dialer));
        Assert.Equal(("dial", false), (result.Text("do"), result.Ok));
    }

    [Theory]
    [MemberData(nameof(WrongUsage))]
    public async Task Wrong_usage_is_told_on_stderr(string commandLine)
    {
        PeerProcess peer = StartOurs(Split(commandLine));

        Assert.Equal(2, await peer.ExitAsync());
        Assert.Contains("usage", peer.Errors, StringComparison.Ordinal);
        Assert.Empty(peer.Events);
    }

    [Theory]
    [MemberData(nameof(Unsupported))]
    public async Task What_it_lacks_is_refused_by_name(string commandLine, string name)
    {
        PeerProcess peer = StartOurs(Split(commandLine));

        Assert.Equal(3, await peer.ExitAsync());
        PeerEvent fatal = Assert.Single(peer.Events);
        Assert.Equal("fatal", fatal.Name);
        Assert.Contains(name, fatal.Text("unsupported"), StringComparison.Ordinal);
        Assert.StartsWith("unsupported: ", fatal.Text("error"), StringComparison.Ordinal);
    }

    private static PeerEvent[] Results(PeerProcess dialer) => [.. dialer.Events.Where(happened => happened.Name == "result")];

    private static string[] Split(string commandLine) => commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
