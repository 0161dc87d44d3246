using System.Text.Json;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Connections: made, refused, and ended by either side in every way.</summary>
[Collection(InteropCollection.Name)]
public sealed class ConnectionTests(InteropRun run)
{
    /// <summary>Somebody else.</summary>
    private const string Stranger = "12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE";

    [PeerTheory]
    [Pairs]
    public Task Connection_both_sides_agree(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        PeerEvent dialed = await pair.DoAsync("dial");
        PeerEvent accepted = await pair.Listener.EventAsync("connection-open", opened => opened.Text("peer") == pair.Dialer.Id);

        Assert.Equal(("outbound", "inbound"), (dialed.Text("direction"), accepted.Text("direction")));
        Assert.Equal(pair.Listener.Id, dialed.Text("peer"));
        foreach (PeerEvent side in new[] { dialed, accepted })
        {
            Assert.Equal(("/noise", "/yamux/1.0.0"), (side.Text("security"), side.Text("muxer")));
        }

        Assert.Equal([pair.Listener.Id], await ConnectedAsync(pair.Dialer));
        Assert.Equal([pair.Dialer.Id], await ConnectedAsync(pair.Listener));
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_to_a_wrong_peer_id_is_refused(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        PeerEvent reply = await pair.Dialer.AskAsync("dial", ("peer", pair.Listener.Address.Replace(pair.Listener.Id, Stranger, StringComparison.Ordinal)));

        Assert.False(reply.Ok, $"it connected: {reply}");
        Assert.Null(reply.Text("unsupported"));
        Assert.Empty(await ConnectedAsync(pair.Dialer));
        Assert.Empty(await ConnectedAsync(pair.Listener));
        await pair.DoAsync("ping", ("count", 1)); // neither side holds it against the other
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_close_by_the_dialer_is_seen(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        await pair.Dialer.DoAsync("hangup", ("peer", pair.Listener.Id));
        await ClosedAsync(pair.Dialer, pair.Listener);
        await ClosedAsync(pair.Listener, pair.Dialer);
        Assert.Empty(await ConnectedAsync(pair.Listener));
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_close_by_the_listener_is_seen(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        await pair.Listener.DoAsync("hangup", ("peer", pair.Dialer.Id));
        await ClosedAsync(pair.Listener, pair.Dialer);
        await ClosedAsync(pair.Dialer, pair.Listener);
        Assert.Empty(await ConnectedAsync(pair.Dialer));
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_close_by_a_listener_that_stops_is_seen(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        Assert.Equal(0, await pair.Listener.StopAsync());
        await ClosedAsync(pair.Dialer, pair.Listener);
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_close_by_a_listener_that_dies_is_seen(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        pair.Listener.Kill();
        await ClosedAsync(pair.Dialer, pair.Listener);
    });

    [PeerTheory]
    [Pairs]
    public Task Connection_to_a_listener_that_is_gone_is_refused(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        Assert.Equal(0, await pair.Listener.StopAsync());
        PeerEvent reply = await pair.TryAsync("dial");
        Assert.False(reply.Ok, $"it connected: {reply}");
        Assert.Null(reply.Text("unsupported"));
    });

    private static Task<PeerEvent> ClosedAsync(PeerProcess side, PeerProcess other) =>
        side.EventAsync("connection-close", closed => closed.Text("peer") == other.Id);

    private static async Task<IEnumerable<string?>> ConnectedAsync(PeerProcess peer) =>
        (await peer.DoAsync("connections")).Items("connections").Select((JsonElement connection) => connection.GetProperty("peer").GetString());
}
