using System.Runtime.CompilerServices;
using System.Text.Json;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Connections over TLS: made with identities of every type, refused, used, and ended.</summary>
[Collection(InteropCollection.Name)]
public sealed class TlsTests(InteropRun run)
{
    private const string Stranger = "12D3KooWRBhwfeP2Y4TCx1SM6s9rUoHhR5STiGwxBhgFRcw3UERE";

    private static readonly PairOptions s_tls = new() { Both = ["--security", "tls"] };

    [PeerTheory]
    [Pairs]
    public Task Tls_with_keys_of_type_Ed25519(string dialer, string listener) => ConnectAsync(dialer, listener, "ed25519");

    [PeerTheory]
    [Pairs]
    public Task Tls_with_keys_of_type_Secp256k1(string dialer, string listener) => ConnectAsync(dialer, listener, "secp256k1");

    [PeerTheory]
    [Pairs]
    public Task Tls_with_keys_of_type_ECDSA(string dialer, string listener) => ConnectAsync(dialer, listener, "ecdsa");

    [PeerTheory]
    [Pairs]
    public Task Tls_with_keys_of_type_RSA(string dialer, string listener) => ConnectAsync(dialer, listener, "rsa");

    [PeerTheory]
    [Pairs]
    public Task Tls_agrees_on_the_muxer_in_the_handshake(string dialer, string listener) => run.RunAsync(dialer, listener, s_tls, async pair =>
    {
        bool early = !Quirks.LacksEarlyMuxer(dialer) && !Quirks.LacksEarlyMuxer(listener);
        Assert.Equal(early, (await ConnectionAsync(pair)).GetProperty("earlyMuxer").GetBoolean());
        await pair.DoAsync("echo", ("size", 100_000));
    });

    [PeerTheory]
    [Pairs]
    public Task Tls_agrees_on_the_muxer_after_the_handshake(string dialer, string listener) =>
        run.RunAsync(dialer, listener, s_tls with { Ours = ["--no-early-muxer"] }, async pair =>
        {
            Assert.False((await ConnectionAsync(pair)).GetProperty("earlyMuxer").GetBoolean());
            await pair.DoAsync("echo", ("size", 100_000));
        });

    [PeerTheory]
    [Pairs]
    public Task Tls_to_a_wrong_peer_id_is_refused(string dialer, string listener) => run.RunAsync(dialer, listener, s_tls, async pair =>
    {
        PeerEvent reply = await pair.Dialer.AskAsync("dial", ("peer", pair.Listener.Address.Replace(pair.Listener.Id, Stranger, StringComparison.Ordinal)));
        Assert.False(reply.Ok, $"it connected: {reply}");
        Assert.Null(reply.Text("unsupported"));
        await pair.DoAsync("ping", ("count", 1)); // neither side holds it against the other
    });

    [PeerTheory]
    [Pairs]
    public Task Tls_carries_megabytes_both_ways_on_many_streams(string dialer, string listener) => run.RunAsync(dialer, listener, s_tls, async pair =>
    {
        await pair.ConnectAsync();
        await pair.DoAsync("perf", ("upload", 20_000_000), ("download", 20_000_000));
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => pair.DoAsync("echo", ("size", i * 7_000))));
        Assert.Single((await pair.Ours.DoAsync("connections")).Items("connections"));
    });

    [PeerTheory]
    [Pairs]
    public Task Tls_is_closed_by_the_dialer(string dialer, string listener) => run.RunAsync(dialer, listener, s_tls, async pair =>
    {
        await pair.ConnectAsync();
        await pair.Dialer.DoAsync("hangup", ("peer", pair.Listener.Id));
        await pair.Listener.EventAsync("connection-close", closed => closed.Text("peer") == pair.Dialer.Id);
    });

    [PeerTheory]
    [Pairs]
    public Task Tls_is_closed_by_the_listener(string dialer, string listener) => run.RunAsync(dialer, listener, s_tls, async pair =>
    {
        await pair.ConnectAsync();
        await pair.Listener.DoAsync("hangup", ("peer", pair.Dialer.Id));
        await pair.Dialer.EventAsync("connection-close", closed => closed.Text("peer") == pair.Listener.Id);
    });

    private Task ConnectAsync(string dialer, string listener, string keyType, [CallerMemberName] string name = "")
    {
        if (Quirks.Lacks(dialer, keyType) || Quirks.Lacks(listener, keyType))
        {
            run.Cannot(dialer, listener, name);
            return Task.CompletedTask;
        }

        return run.RunAsync(dialer, listener, new PairOptions { Both = ["--security", "tls", "--key-type", keyType] }, ConnectAsync, name);
    }

    private static async Task ConnectAsync(PeerPair pair)
    {
        await ConnectionAsync(pair);
        PeerEvent said = await pair.Ours.EventAsync("peer-identify");
        Assert.Equal(pair.Ours == pair.Dialer ? pair.Listener.Id : pair.Dialer.Id, said.Text("peer"));
        await pair.DoAsync("echo", ("size", 1000));
    }

    /// <summary>Connects, and returns what ours says of the connection, which is over TLS.</summary>
    private static async Task<JsonElement> ConnectionAsync(PeerPair pair)
    {
        await pair.ConnectAsync();
        JsonElement connection = Assert.Single((await pair.Ours.DoAsync("connections")).Items("connections"));
        Assert.Equal("/tls/1.0.0", connection.GetProperty("security").GetString());
        Assert.Equal("/yamux/1.0.0", connection.GetProperty("muxer").GetString());
        return connection;
    }
}
