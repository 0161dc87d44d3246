using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>What peers say of themselves, asked or not.</summary>
[Collection(InteropCollection.Name)]
public sealed class IdentifyTests(InteropRun run)
{
    [PeerTheory]
    [Pairs]
    public Task Identify_tells_of_the_listener(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        PeerEvent said = await pair.DoAsync("identify");

        Assert.Equal(pair.Listener.Id, said.Text("peer"));
        Assert.NotNull(said.Text("agentVersion"));
        Assert.Superset(new HashSet<string> { "/ipfs/ping/1.0.0", "/echo/1.0.0", "/perf/1.0.0" }, said.Texts("protocols").ToHashSet());
        Assert.Contains(said.Texts("listenAddrs"), address => pair.Listener.Address.StartsWith(address, StringComparison.Ordinal));
        Assert.StartsWith("/ip4/127.0.0.1/tcp/", said.Text("observedAddr"), StringComparison.Ordinal);
    });

    [PeerTheory]
    [Pairs]
    public Task Identify_by_both_sides_of_a_new_connection(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        PeerEvent ofListener = await pair.Dialer.EventAsync("peer-identify", said => said.Text("peer") == pair.Listener.Id);
        PeerEvent ofDialer = await pair.Listener.EventAsync("peer-identify", said => said.Text("peer") == pair.Dialer.Id);

        Assert.All([ofListener, ofDialer], said => Assert.Contains("/ipfs/id/1.0.0", said.Texts("protocols")));
        Assert.Single((await pair.Listener.DoAsync("connections")).Items("connections"));
    });

    [PeerTheory]
    [Pairs]
    public Task Identify_push_by_the_dialer(string dialer, string listener) =>
        run.RunAsync(dialer, listener, pair => PushAsync(pair, pair.Dialer, pair.Listener));

    [PeerTheory]
    [Pairs]
    public Task Identify_push_by_the_listener(string dialer, string listener) =>
        run.RunAsync(dialer, listener, pair => PushAsync(pair, pair.Listener, pair.Dialer));

    private static async Task PushAsync(PeerPair pair, PeerProcess sender, PeerProcess receiver)
    {
        await pair.ConnectAsync();
        await sender.EventAsync("peer-identify"); // it knows now that pushes are spoken
        await receiver.EventAsync("peer-identify", said => said.Text("peer") == sender.Id);
        int seen = receiver.Events.Count;
        string? added = (await sender.DoAsync("identify-push")).Text("added");

        PeerEvent pushed = await receiver.EventAsync("peer-identify", said => said.Text("peer") == sender.Id, seen);
        if (added is not null)
        {
            Assert.Contains(added, pushed.Texts("protocols"));
        }
    }
}
