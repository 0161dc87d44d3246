using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Calls with an answer: ping, and echoes that each peer compares with what it sent.</summary>
[Collection(InteropCollection.Name)]
public sealed class EchoTests(InteropRun run)
{
    private const int Megabyte = 1_000_000;
    private const int Much = 100 * Megabyte;
    private const int ManyStreams = 200;

    [PeerTheory]
    [Pairs]
    public Task Ping_three_times(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
        Assert.Equal(3, (await pair.DoAsync("ping", ("count", 3))).Items("rtts").Count));

    [PeerTheory]
    [Pairs]
    public Task Ping_by_both_sides_of_a_connection(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        await Task.WhenAll(pair.DoAsync("ping"), pair.Listener.DoAsync("ping", ("peer", pair.Dialer.Id)));
        Assert.Single((await pair.Listener.DoAsync("connections")).Items("connections"));
    });

    [PeerTheory]
    [Pairs]
    public Task Echo_of_a_megabyte(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
        Assert.Equal(Megabyte, (await pair.DoAsync("echo", ("size", Megabyte))).Number("size")));

    // Random bytes: whoever sent them compares each with what came back, so that both directions of both peers are checked.
    [PeerTheory]
    [Pairs]
    public Task Echo_of_100_megabytes_is_what_was_sent(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        PeerEvent reply = Quirks.EchoesLittle(listener)
            ? await pair.Listener.DoAsync("echo", ("peer", pair.Dialer.Id), ("size", Much)) // and so the dialer sends it back
            : await pair.DoAsync("echo", ("size", Much));
        Assert.Equal(Much, reply.Number("size"));
    });

    [PeerTheory]
    [Pairs]
    public Task Echo_of_nothing(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
        Assert.Equal(0, (await pair.DoAsync("echo", ("size", 0))).Number("size")));

    [PeerTheory]
    [Pairs]
    public Task Echo_of_a_megabyte_by_the_listener(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        PeerEvent reply = await pair.Listener.DoAsync("echo", ("peer", pair.Dialer.Id), ("size", Megabyte));
        Assert.Equal(Megabyte, reply.Number("size"));
    });

    [PeerTheory]
    [Pairs]
    public Task Echo_on_200_streams_at_once(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        PeerEvent[] replies = await Task.WhenAll(Enumerable.Range(0, ManyStreams).Select(i => pair.DoAsync("echo", ("size", 1000 * (i % 40)))));
        Assert.Equal(Enumerable.Range(0, ManyStreams).Select(i => (long?)(1000 * (i % 40))), replies.Select(reply => reply.Number("size")));
        Assert.Single((await pair.Listener.DoAsync("connections")).Items("connections"));
    });
}
