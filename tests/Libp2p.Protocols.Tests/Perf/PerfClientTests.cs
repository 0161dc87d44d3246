using System.Buffers.Binary;
using System.Security.Cryptography;
using Libp2p.Protocols.Perf;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Perf;

/// <summary>The initiator, against our responder and against scripted ones.</summary>
public sealed class PerfClientTests
{
    [Fact]
    public async Task Moves_all_bytes_and_both_sides_know_the_same_hashes()
    {
        PerfResult? served = null;
        PerfHandler handler = new((_, result) => served = result, hash: true);
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, handler);
        byte[] block = [.. Enumerable.Range(0, 65_521).Select(i => (byte)(i * 7))];
        (long Up, long Down) told = default;

        PerfResult result = await IPerf.Protocol.CreateClient(opener).RunAsync(new PerfRequest
        {
            Upload = 1_000_000,
            Download = 700_000,
            Block = block,
            Hash = true,
            Progress = (up, down) => told = (told.Up + up, told.Down + down),
        });

        await opener.RemotesAsync();
        Assert.Equal((1_000_000UL, 700_000UL), (result.Uploaded, result.Downloaded));
        Assert.Equal((1_000_000L, 700_000L), told);
        Assert.Equal((result.Uploaded, result.Downloaded), (served!.Uploaded, served.Downloaded));
        Assert.Equal(served.UploadHash.ToArray(), result.UploadHash.ToArray());
        Assert.Equal(SHA256.HashData(new byte[700_000]), result.DownloadHash.ToArray());
        Assert.True(result.BitsPerSecond > 0);
    }

    [Fact]
    public async Task An_upload_ends_when_its_time_is_over()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());

        PerfResult result = await IPerf.Protocol.CreateClient(opener)
            .RunAsync(new PerfRequest { Upload = ulong.MaxValue, Duration = TimeSpan.FromMilliseconds(20) });

        Assert.InRange(result.Uploaded, 1UL, ulong.MaxValue - 1);
        Assert.Equal(0UL, result.Downloaded);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_download_ends_with_a_reset_when_its_time_is_over()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());

        PerfResult result = await IPerf.Protocol.CreateClient(opener)
            .RunAsync(new PerfRequest { Download = PerfRequest.Endless, Duration = TimeSpan.FromMilliseconds(20) });

        Assert.InRange(result.Downloaded, 1UL, PerfRequest.Endless - 1);
        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(11)]
    public async Task Another_number_of_bytes_than_was_asked_for_is_an_error(int sent)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            await stream.SendAsync(new byte[sent]);
            await stream.CloseWriteAsync();
        });

        await Assert.ThrowsAsync<ProtocolViolationException>(
            () => IPerf.Protocol.CreateClient(opener).RunAsync(new PerfRequest { Download = 10 }).AsTask());
    }

    [Fact]
    public async Task A_responder_that_takes_nothing_costs_the_idle_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(
            static async stream =>
            {
                await stream.ReceiveAsync(IPerf.HeadSize + 1000);
                await stream.AbortedAsync();
            },
            clock);

        PerfRequest request = new() { Upload = 1_000_000, Block = new byte[1000] };
        Task running = IPerf.Protocol.CreateClient(opener).RunAsync(request).AsTask();
        await Eventually.HoldsAsync(() => // what still fits into the window starts the idle time anew
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        });

        StreamResetException stalled = await Assert.ThrowsAsync<StreamResetException>(() => running);
        Assert.Equal(EndedBy.Limit, stalled.Reason.By);
        Assert.Equal(0, clock.TimerCount);
    }

    [Fact]
    public async Task What_is_written_is_the_number_the_upload_and_the_end()
    {
        byte[]? written = null;
        await using InMemoryOpener opener = new(async stream =>
        {
            written = await stream.ReceiveAllAsync();
            await stream.SendAsync(1, 2);
            await stream.CloseWriteAsync();
        });

        await IPerf.Protocol.CreateClient(opener).RunAsync(new PerfRequest { Upload = 5, Download = 2, Block = new byte[] { 7, 8, 9 } });

        Assert.Equal(2UL, BinaryPrimitives.ReadUInt64BigEndian(written!));
        Assert.Equal([7, 8, 9, 7, 8], written![8..]);
    }
}
