using System.Security.Cryptography;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Raw streams: negotiated or not, half-closed, closed and reset by either side.</summary>
[Collection(InteropCollection.Name)]
public sealed class StreamTests(InteropRun run)
{
    private const string Protocol = "/interop/1.0.0";
    private const int Size = 500_000;

    [PeerTheory]
    [Pairs]
    public Task Stream_of_an_unknown_protocol_is_refused(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        PeerEvent reply = await pair.TryAsync("stream", ("protocol", Protocol));

        Assert.False(reply.Ok, $"a stream was opened: {reply}");
        Assert.Null(reply.Text("unsupported"));
        await AssertGoesOnAsync(pair);
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_takes_the_first_protocol_that_both_speak(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("echo"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", $"/interop/2.0.0,{Protocol}"), ("data", "hello"));

        Assert.Equal((Protocol, "hello", "eof"), (reply.Text("protocol"), reply.Text("text"), reply.Text("end")));
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_half_closed_by_the_dialer_is_answered(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("sink"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", Protocol), ("size", Size));
        PeerEvent served = await pair.Listener.EventAsync("stream-end");

        Assert.Equal((0L, "eof"), (reply.Number("length"), reply.Text("end"))); // which came after all was read
        Assert.Equal(Size, served.Number("received"));
        await AssertGoesOnAsync(pair);
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_half_closed_by_the_dialer_brings_five_megabytes(string dialer, string listener) => run.RunAsync(dialer, listener, Handles($"source:{10 * Size}"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", Protocol));

        Assert.Equal((10L * Size, "eof"), (reply.Number("length"), reply.Text("end")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(new byte[10 * Size])), reply.Text("sha256"));
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_half_closed_by_the_listener_ends(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("close"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", Protocol), ("data", "hello"), ("no-close", true));

        Assert.Equal((0L, "eof"), (reply.Number("length"), reply.Text("end")));
        await AssertGoesOnAsync(pair);
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_reset_by_the_listener_ends(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("reset"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", Protocol), ("no-close", true));

        AssertReset(reply, dialer);
        await AssertGoesOnAsync(pair);
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_reset_by_the_listener_ends_an_upload(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("reset"), async pair =>
    {
        PeerEvent reply = await pair.DoAsync("stream", ("protocol", Protocol), ("size", 4 * Size));

        AssertReset(reply, dialer);
        await AssertGoesOnAsync(pair);
    });

    [PeerTheory]
    [Pairs]
    public Task Stream_reset_by_the_dialer_ends(string dialer, string listener) => run.RunAsync(dialer, listener, Handles("hang"), async pair =>
    {
        await pair.DoAsync("stream", ("protocol", Protocol), ("size", 1000), ("reset", true));
        await pair.Listener.EventAsync("stream-end");
        await AssertGoesOnAsync(pair);
    });

    private static PairOptions Handles(string mode) => new() { Listener = ["--handle", $"{Protocol}={mode}"] };

    private static void AssertReset(PeerEvent reply, string reader)
    {
        Assert.Equal(0, reply.Number("length"));
        Assert.True(reply.Text("end") == "stream reset" || (Quirks.ReadsResetAsEnd(reader) && reply.Text("end") == "eof"), $"not reset: {reply}");
    }

    /// <summary>What happened to one stream did not harm the connection: there is still one, and it works.</summary>
    private static async Task AssertGoesOnAsync(PeerPair pair)
    {
        await pair.DoAsync("echo", ("size", 1000));
        Assert.Single((await pair.Dialer.DoAsync("connections")).Items("connections"));
        Assert.DoesNotContain(pair.Dialer.Events, happened => happened.Name == "connection-close");
    }
}
