using Libp2p.Interop.Peers;
using Xunit.Abstractions;

namespace Libp2p.Interop.Contract;

/// <summary>What the peer contract promises of <c>listen</c>, held against our peer.</summary>
public sealed class ListenTests(ITestOutputHelper output) : PeerTests(output)
{
    [Fact]
    public async Task The_first_line_tells_who_and_where()
    {
        PeerProcess peer = await ListenOursAsync("--handle", "/x/1.0.0=echo");

        PeerEvent first = peer.Events[0];
        Assert.Equal("listening", first.Name);
        Assert.NotNull(first.Number("pid"));
        Assert.NotEmpty(first.Texts("addrs"));
        Assert.All(first.Texts("addrs"), address => Assert.Matches($"^/ip4/127.0.0.1/tcp/[1-9][0-9]*/p2p/{first.Text("peerId")}$", address));
        Assert.Superset(new HashSet<string> { "/ipfs/ping/1.0.0", "/echo/1.0.0", "/x/1.0.0" }, first.Texts("protocols").ToHashSet());
    }

    [Theory]
    [InlineData("::1", "^/ip6/::1/tcp/[1-9][0-9]*/p2p/")]
    [InlineData("127.0.0.2", "^/ip4/127.0.0.2/tcp/[1-9][0-9]*/p2p/")]
    public async Task It_listens_where_it_is_told_to(string ip, string address)
    {
        PeerProcess peer = await ListenOursAsync("--ip", ip);
        Assert.Matches(address, peer.Address);
    }

    [Fact]
    public async Task It_listens_once_for_each_transport_and_reaches_itself_over_any()
    {
        PeerProcess peer = await ListenOursAsync("--transport", "memory,tcp");
        IReadOnlyList<string> addresses = peer.Events[0].Texts("addrs");
        Assert.Equal(["memory", "ip4"], addresses.Select(address => address.Split('/')[1]));

        foreach (string address in addresses)
        {
            Assert.Equal(address, (await peer.DoAsync("dial", ("peer", address), ("force", true))).Text("addr"));
            await peer.DoAsync("echo", ("peer", address), ("size", 100_000));
        }
    }

    [Fact]
    public async Task It_secures_as_it_is_told_to()
    {
        PeerProcess peer = await ListenOursAsync("--security", "plaintext,noise");
        Assert.Equal("/plaintext/2.0.0", (await peer.DoAsync("dial", ("peer", peer.Address))).Text("security"));
    }

    [Fact]
    public async Task The_benchmarks_tell_rates_and_times()
    {
        PeerProcess peer = await ListenOursAsync();
        foreach (string bench in (string[])["bench-rr", "bench-ping", "bench-handshake"])
        {
            PeerEvent measured = await peer.DoAsync(bench, ("peer", peer.Address), ("seconds", 0.1), ("parallel", 2));
            Assert.True(measured.Real("perSecond") > 0, measured.ToString());
            Assert.True(measured.Real("ms", "p50") <= measured.Real("ms", "p99"), measured.ToString());
        }

        Assert.True((await peer.DoAsync("bench-idle", ("peer", peer.Address), ("count", 5))).Number("connections") >= 5);
        Assert.True((await peer.DoAsync("mem")).Number("rss") > 0);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task It_stops_on_a_signal(string signal)
    {
        PeerProcess peer = await ListenOursAsync();
        await peer.SignalAsync(signal);
        Assert.Equal(0, await peer.ExitAsync());
    }

    [Fact]
    public async Task It_stops_on_command()
    {
        PeerProcess peer = await ListenOursAsync();
        Assert.Equal(0, await peer.StopAsync());
    }

    [Fact]
    public async Task It_stops_at_the_end_of_its_input_where_that_was_asked_for()
    {
        PeerProcess peer = await ListenOursAsync(); // with --exit-on-eof
        peer.EndInput();
        Assert.Equal(0, await peer.ExitAsync());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_fatal()
    {
        PeerProcess holder = await ListenOursAsync();
        PeerProcess peer = StartOurs("listen", "--port", holder.Address.Split('/')[4]);

        Assert.Equal(1, await peer.ExitAsync());
        Assert.NotNull((await peer.EventAsync("fatal")).Text("error"));
    }

    [Fact]
    public async Task A_slow_command_does_not_hold_up_others()
    {
        PeerProcess peer = await ListenOursAsync();
        Task<PeerEvent> slow = peer.AskAsync("sleep", ("ms", (int)PeerProcess.Patience.TotalMilliseconds));
        await peer.DoAsync("addrs");
        Assert.False(slow.IsCompleted);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"ping\"")]
    [InlineData("{\"peer\":\"nobody\"}")]
    [InlineData("{\"cmd\":5}")]
    [InlineData("{\"cmd\":\"addrs\",\"cmd\":\"ping\"}")]
    public async Task What_is_no_command_is_answered_and_changes_nothing(string line)
    {
        PeerProcess peer = await ListenOursAsync();
        await peer.SendAsync(line);
        Assert.NotNull((await peer.EventAsync("reply", reply => !reply.Ok)).Text("error"));
        await peer.DoAsync("addrs");
    }

    [Fact]
    public async Task An_action_that_it_lacks_is_refused_by_name()
    {
        PeerProcess peer = await ListenOursAsync();
        PeerEvent reply = await peer.AskAsync("kad-get", ("key", "/test/k"));
        Assert.False(reply.Ok);
        Assert.Contains("kad-get", reply.Text("unsupported"), StringComparison.Ordinal);
    }
}
