using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Simulation;
using Libp2p.TestKit.Accounts;
using Libp2p.Tests.Host;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Faults;

/// <summary>A stream is reset by either end behind the k-th step of its life, for all k: it ends, typed, and the connection serves on.</summary>
[Collection(nameof(Alone))]
public sealed class ResetSweepTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reset_behind_any_step_a_stream_ends_and_its_connection_does_not(bool byInitiator)
    {
        int steps = 0;
        while (!Play(byInitiator, steps, seed: 0))
        {
            Assert.InRange(++steps, 0, 1000);
        }

        Assert.InRange(steps, 10, 1000);
        for (ulong seed = 1; seed <= 40; seed++)
        {
            Play(byInitiator, (int)(seed * (ulong)steps / 40), seed);
        }
    }

    /// <returns>Whether the stream was over before.</returns>
    private static bool Play(bool byInitiator, int steps, ulong seed)
    {
        SimulationRun run = new(seed);
        using ArrayPoolWatch arrays = ArrayPoolWatch.Start(thisThread: true);
        bool wasOver = run.Run(() => PlayAsync(run, byInitiator, steps));
        Assert.True(arrays.Count == 0, $"{steps} steps, seed {seed}: {string.Join(Environment.NewLine, arrays.Left)}");
        return wasOver;
    }

    private static async Task<bool> PlayAsync(SimulationRun run, bool byInitiator, int steps)
    {
        MemoryNetwork network = new();
        CountingTime time = new(run.Time);
        P2PStream? ours = null;
        P2PStream? theirs = null;
        BytesHandler echo = new("/echo", (stream, token) => BytesHandler.EchoAsync(theirs = stream, token));
        await using Libp2pNode bob = await SimulatedNodesTests.StartAsync(
            run, "bob", network, node => node.Listen("/memory/1").Handle(echo).Time(time));
        await using Libp2pNode alice = await SimulatedNodesTests.StartAsync(run, "alice", network, node => node.Time(time));
        IPeerConnection connection = await alice.ConnectAsync(bob.Addresses[0]);
        await Task.Delay(TimeSpan.FromSeconds(1), run.Time);
        Ledger ledger = new(alice, bob) { Time = time };
        LedgerBalance connected = ledger.Read();

        Task talking = run.Start("talk", () => TalkAsync(connection, stream => ours = stream));
        for (int i = 0; i < steps && !talking.IsCompleted; i++)
        {
            await Task.Yield();
        }

        bool wasOver = talking.IsCompleted;
        (byInitiator ? ours : theirs)?.Reset();
        try
        {
            await talking;
        }
        catch (Libp2pException e)
        {
            Assert.True(e is StreamResetException, $"{e}");
        }

        await Task.Delay(TimeSpan.FromSeconds(20), run.Time);
        ledger.MustBeAt(connected);
        await TalkAsync(connection, static _ => { });
        return wasOver;
    }

    /// <summary>All states of a stream: negotiated, written, half-closed, read to its end, closed.</summary>
    private static async Task TalkAsync(IPeerConnection connection, Action<P2PStream> opened)
    {
        await using P2PStream stream = await connection.OpenStreamAsync(new StreamRequest(["/echo"]), CancellationToken.None);
        opened(stream);
        await stream.Output.WriteAsync(new byte[] { 1, 2, 3 });
        Assert.Equal([1, 2, 3], await ReadAsync(stream.Input, 3));
        await stream.Output.WriteAsync(new byte[] { 4 });
        await stream.CloseWriteAsync();
        Assert.Equal([4], await ReadAsync(stream.Input, 2));
    }

    /// <summary>So many bytes, or what there is before the end. By plain reads: the platform's <c>ReadAtLeastAsync</c> leaves the scheduler.</summary>
    private static async Task<byte[]> ReadAsync(PipeReader input, int count)
    {
        List<byte> bytes = [];
        while (bytes.Count < count)
        {
            ReadResult read = await input.ReadAsync();
            bytes.AddRange(read.Buffer.ToArray());
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        return [.. bytes];
    }
}
