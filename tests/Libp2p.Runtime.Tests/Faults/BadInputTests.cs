using System.Text;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Telemetry;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>Garbage, oversize and silence at every layer of a whole node: it says what was wrong, ends the smallest thing, and goes on.</summary>
public sealed class BadInputTests
{
    /// <summary>Layer, bytes in hexadecimal, and what the node's log says of it.</summary>
    public static TheoryData<Layer, string, string> Inputs() => new()
    {
        { Layer.Raw, Hex("GET / HTTP/1.1\r\n\r\n"), "GET / HTTP" },
        { Layer.Raw, "160301020001000001fc0303", "Inbound connection from" },             // TLS
        { Layer.Raw, "ffffffff0f", "Inbound connection from" },                              // a line of 4 GiB
        { Layer.Raw, "8101" + Hex(new string('x', 129)), "Inbound connection from" },      // not the header
        { Layer.Raw, "132f6d756c746973747265616d2f312e302e300a" + "8110", "Inbound connection from" }, // a line of 2,049 bytes
        { Layer.Raw, "132f6d756c746973747265616d2f312e302e300a" + "00", "Inbound connection from" },   // a line of none
        { Layer.Noise, "0000", "Inbound connection from" },                                  // an empty message
        { Layer.Noise, "ffff", "Inbound connection from" },                                  // longer than any handshake message
        { Layer.Noise, "0020" + Zeros(32), "Inbound connection from" },                      // a key of small order
        { Layer.Secured, Hex("GET / HTTP/1.1\r\n\r\n"), "GET / HTTP" },
        { Layer.Secured, "ffffffff0f", "Inbound connection from" },
        { Layer.Yamux, Hex("GET / HTTP/1.1\r\n\r\n"), "the remote broke the rules" },
        { Layer.Yamux, "000000010000000100040001", "window" },                                // 256 KiB and one byte: over the window
        { Layer.Yamux, "0000000100000001ffffffff", "window" },                                // 4 GiB
        { Layer.Yamux, "000000010000000200000000", "the remote broke the rules" },                             // a stream of our parity
        { Layer.Yamux, "ff0000000000000000000000", "the remote broke the rules" },                             // another version
        { Layer.Stream, Hex("GET / HTTP/1.1\r\n\r\n"), "GET / HTTP" },
        { Layer.Stream, "ffffffff0f", "was reset" },
        { Layer.Stream, "132f6d756c746973747265616d2f312e302e300a" + "8110", "was reset" },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Bad_input_ends_at_once_what_it_came_by(Layer layer, string hex, string said) => Play(layer, async (run, peer, told) =>
    {
        TimeSpan started = run.Time.Elapsed;
        await peer.SendAsync(Convert.FromHexString(hex));
        await peer.HearEndAsync();

        Assert.Equal(TimeSpan.Zero, run.Time.Elapsed - started);
        Assert.Contains(told(), text => text.Contains(said, StringComparison.Ordinal));
    });

    [Theory]
    [InlineData(Layer.Raw, "", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Raw, "13", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Noise, "", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Noise, "00", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Secured, "", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Secured, "13", "The upgrade took longer than 10 s")]
    [InlineData(Layer.Stream, "13", "Stream negotiation took longer than 10 s")]
    [InlineData(Layer.Stream, "132f6d756c746973747265616d2f312e302e300a", "Stream negotiation took longer than 10 s")]
    public void Silence_ends_at_the_deadline(Layer layer, string hex, string said) => Play(layer, async (run, peer, told) =>
    {
        TimeSpan started = run.Time.Elapsed;
        await peer.SendAsync(Convert.FromHexString(hex));
        await peer.HearEndAsync();

        Assert.Equal(TimeSpan.FromSeconds(10), run.Time.Elapsed - started);
        Assert.Contains(told(), text => text.Contains(said, StringComparison.Ordinal));
    });

    [Fact]
    public void A_peer_that_drips_a_byte_a_second_gets_no_more_time() => Play(Layer.Raw, async (run, peer, told) =>
    {
        TimeSpan started = run.Time.Elapsed;
        Task<TimeSpan> end = EndAsync(run, peer);
        foreach (byte drop in Convert.FromHexString("132f6d756c746973747265616d2f312e302e300a"))
        {
            if (end.IsCompleted)
            {
                break;
            }

            await peer.SendAsync([drop]);
            await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        }

        Assert.Equal(TimeSpan.FromSeconds(10), await end - started);
        Assert.Contains(told(), text => text.Contains("The upgrade took longer than 10 s", StringComparison.Ordinal));
    });

    private static async Task<TimeSpan> EndAsync(SimulationRun run, RawPeer peer)
    {
        await peer.HearEndAsync();
        return run.Time.Elapsed;
    }

    /// <summary>A node, a raw peer, and afterwards an honest one that is served as if nothing had happened.</summary>
    private static void Play(Layer layer, Func<SimulationRun, RawPeer, Func<IEnumerable<string>>, Task> act) => SimulationRun.Replay(3, async run =>
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        using LogProbe log = new();
        await using Libp2pNode node = await SimulatedNodesTests.StartAsync(
            run, "node", network, node => node.Listen("/memory/1").Handle(ISay.Protocol, new Said()).Time(time).Logging(log));
        Ledger ledger = new(node) { Time = time };
        LedgerBalance baseline = ledger.Read();

        RawPeer peer = await RawPeer.ReachAsync(run, network, layer);
        await act(run, peer, () => log.Events.Select(told => told.Text));
        if (layer == Layer.Stream)
        {
            Assert.Single(node.Connections); // the stream is the smallest thing
        }

        await peer.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(20), run.Time);
        ledger.MustBeAt(baseline);

        await using Libp2pNode honest = await SimulatedNodesTests.StartAsync(run, "honest", network);
        ISay say = await honest.ConnectAsync(ISay.Protocol, node.Addresses[0]);
        Assert.Equal("hello, /say/1.1.0/say", await say.SayAsync("hello"));
    });

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text));

    private static string Zeros(int count) => new('0', 2 * count);
}
