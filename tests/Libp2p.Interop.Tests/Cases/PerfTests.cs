using System.Security.Cryptography;
using Libp2p.Interop.Pairing;
using Libp2p.Interop.Peers;

namespace Libp2p.Interop.Cases;

/// <summary>Bulk over <c>/perf/1.0.0</c>; what ours sends and receives is hashed, and the others send zeros.</summary>
[Collection(InteropCollection.Name)]
public sealed class PerfTests(InteropRun run)
{
    private const long Much = 100_000_000;
    private const int Streams = 32;

    private static readonly PairOptions s_hashing = new() { Ours = ["--hash"] };
    private static readonly Lazy<string> s_zeros = new(() => Convert.ToHexStringLower(SHA256.HashData(new byte[Much])));

    [PeerTheory]
    [Pairs]
    public Task Perf_of_100_megabytes_up(string dialer, string listener) => run.RunAsync(dialer, listener, s_hashing, async pair =>
    {
        PeerEvent measured = await pair.DoAsync("perf", ("upload", Much), ("hash", true));

        Assert.Equal((Much, 0L), (measured.Number("uploadBytes"), measured.Number("downloadBytes")));
        if (listener == PeerProgram.Ours)
        {
            PeerEvent served = await pair.Listener.EventAsync("perf", told => told.Text("type") == "served");
            Assert.Equal(Much, served.Number("uploadBytes"));
            Assert.Equal(measured.Text("uploadSha256") ?? s_zeros.Value, served.Text("uploadSha256"));
        }
    });

    [PeerTheory]
    [Pairs]
    public Task Perf_of_100_megabytes_down(string dialer, string listener) => run.RunAsync(dialer, listener, s_hashing, async pair =>
    {
        PeerEvent measured = await pair.DoAsync("perf", ("download", Much), ("hash", true));

        Assert.Equal((0L, Much), (measured.Number("uploadBytes"), measured.Number("downloadBytes")));
        if (dialer == PeerProgram.Ours)
        {
            Assert.Equal(s_zeros.Value, measured.Text("downloadSha256"));
        }
    });

    [PeerTheory]
    [Pairs]
    public Task Perf_on_32_streams_at_once(string dialer, string listener) => run.RunAsync(dialer, listener, async pair =>
    {
        await pair.ConnectAsync();
        PeerEvent[] measured = await Task.WhenAll(
            Enumerable.Range(1, Streams).Select(i => pair.DoAsync("perf", ("upload", 30_000 * i), ("download", 20_000 * (Streams - i)))));

        Assert.Equal(
            Enumerable.Range(1, Streams).Select(i => ((long?)30_000 * i, (long?)20_000 * (Streams - i))),
            measured.Select(one => (one.Number("uploadBytes"), one.Number("downloadBytes"))));
        Assert.Single((await pair.Listener.DoAsync("connections")).Items("connections"));
    });
}
