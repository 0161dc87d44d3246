using System.Text.Json;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>The two shortcuts of negotiation, each taken and not: a muxer agreed inside the handshake, a protocol proposed with the first bytes.</summary>
[Collection(InteropCollection.Name)]
public sealed class NegotiationTests(InteropRun run)
{
    private static readonly PairOptions s_late = new() { Ours = ["--no-early-muxer"] };
    private static readonly PairOptions s_plain = new() { Ours = ["--no-lazy-negotiation"] };

    [PeerTheory]
    [Pairs]
    public Task Muxer_agreed_in_the_handshake(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        bool early = !Quirks.LacksEarlyMuxer(dialer) && !Quirks.LacksEarlyMuxer(listener);
        Assert.Equal(early, await ConnectEarlyAsync(pair));
        await pair.DoAsync("echo", ("size", 100_000));
    });

    [PeerTheory]
    [Pairs]
    public Task Muxer_agreed_after_the_handshake(string dialer, string listener) => run.RunAsync(dialer, listener, s_late, async pair =>
    {
        Assert.False(await ConnectEarlyAsync(pair));
        await pair.DoAsync("echo", ("size", 100_000));
    });

    [PeerTheory]
    [Pairs]
    public Task Streams_negotiated_lazily(string dialer, string listener) => run.RunAsync(dialer, listener, UseAsync);

    [PeerTheory]
    [Pairs]
    public Task Streams_negotiated_plainly(string dialer, string listener) => run.RunAsync(dialer, listener, s_plain, UseAsync);

    private static async Task<bool> ConnectEarlyAsync(PeerPair pair)
    {
        await pair.ConnectAsync();
        JsonElement connection = Assert.Single((await pair.Ours.DoAsync("connections")).Items("connections"));
        Assert.Equal("/yamux/1.0.0", connection.GetProperty("muxer").GetString());
        return connection.GetProperty("earlyMuxer").GetBoolean();
    }

    /// <summary>Everything that a stream can be used for, by both sides, once identify has told them what the other speaks.</summary>
    private static async Task UseAsync(PeerPair pair)
    {
        await pair.ConnectAsync();
        await pair.Dialer.EventAsync("peer-identify", said => said.Text("peer") == pair.Listener.Id);
        await pair.Listener.EventAsync("peer-identify", said => said.Text("peer") == pair.Dialer.Id);
        foreach ((PeerProcess one, PeerProcess other) in new[] { (pair.Dialer, pair.Listener), (pair.Listener, pair.Dialer) })
        {
            await one.DoAsync("ping", ("peer", other.Id), ("count", 2));
            await one.DoAsync("identify", ("peer", other.Id));
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => one.DoAsync("echo", ("peer", other.Id), ("size", i * i * 100))));
            await Task.WhenAll(Enumerable.Range(0, 20).Select(i => one.DoAsync("perf", ("peer", other.Id), ("upload", i), ("download", 20 - i))));
            PeerEvent refused = await one.AskAsync("stream", ("peer", other.Id), ("protocol", "/nobody/1.0.0"));
            Assert.False(refused.Ok, $"a stream was opened: {refused}");
        }

        Assert.Single((await pair.Listener.DoAsync("connections")).Items("connections"));
    }
}
