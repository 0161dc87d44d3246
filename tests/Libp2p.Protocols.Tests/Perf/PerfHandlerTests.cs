using System.Buffers.Binary;
using System.Security.Cryptography;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Protocols.Perf;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Protocols.Tests.Perf;

/// <summary>The responder, with bytes as a foreign initiator writes them.</summary>
public sealed class PerfHandlerTests
{
    private static readonly StreamRequest s_request = new([IPerf.Protocol.Ids[0]]);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(0, 500_000)]
    [InlineData(500_000, 0)]
    [InlineData(70_000, 130_000)]
    public async Task Takes_the_upload_and_sends_as_many_bytes_as_it_was_asked_for(int upload, int download)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());
        await using P2PStream stream = await opener.OpenStreamAsync(s_request, default);

        await stream.SendAsync([.. Head((ulong)download), .. new byte[upload]]);
        await stream.CloseWriteAsync();

        Assert.Equal(new byte[download], await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task The_number_may_come_byte_by_byte()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());
        await using P2PStream stream = await opener.OpenStreamAsync(s_request, default);

        await stream.DripAsync([.. Head(0x0102), 1, 2, 3]);
        await stream.CloseWriteAsync();

        Assert.Equal(0x0102, (await stream.ReceiveAllAsync()).Length);
    }

    [Fact]
    public async Task Sends_nothing_before_the_upload_has_ended()
    {
        QueueScheduler queue = new();
        InMemoryStreamPair pair = new();
        StreamHandler handler = IPerf.Protocol.CreateHandlers(new PerfHandler())[0];
        P2PStream inbound = new(pair.Responder, handler.Ids[0], null, TimeProvider.System);
        await using P2PStream stream = new(pair.Initiator, handler.Ids[0], null, TimeProvider.System);
        await stream.SendAsync([.. Head(3), .. new byte[1000]]);
        Task serving = queue.Start(() => handler.HandleAsync(inbound, default).AsTask());

        Assert.False(stream.Input.TryRead(out _)); // although there is nothing left to do
        await stream.CloseWriteAsync();
        queue.RunUntilIdle();

        await serving;
        Assert.Equal(new byte[3], await stream.ReceiveAllAsync());
    }

    [Fact]
    public async Task A_request_without_its_number_is_reset()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());
        await using P2PStream stream = await opener.OpenStreamAsync(s_request, default);

        await stream.SendAsync(0, 0, 0);
        await stream.CloseWriteAsync();

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.NotNull(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task An_initiator_that_has_enough_ends_an_endless_download()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, new PerfHandler());
        await using P2PStream stream = await opener.OpenStreamAsync(s_request, default);
        await stream.SendAsync(Head(ulong.MaxValue));
        await stream.CloseWriteAsync();
        await stream.ReceiveAsync(100_000);

        stream.Reset();

        Assert.IsType<StreamResetException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task Tells_the_hashes_of_both_directions()
    {
        byte[] upload = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31))];
        TaskCompletionSource<PerfResult> served = new();
        PerfHandler handler = new((_, result) => served.SetResult(result), hash: true);
        await using InMemoryOpener opener = InMemoryOpener.To(IPerf.Protocol, handler);
        await using P2PStream stream = await opener.OpenStreamAsync(s_request, default);

        Task sending = SendAsync();
        byte[] download = await stream.ReceiveAllAsync();
        await sending;

        PerfResult result = await served.Task;
        Assert.Equal(((ulong)upload.Length, (ulong)download.Length), (result.Uploaded, result.Downloaded));
        Assert.Equal(SHA256.HashData(upload), result.UploadHash.ToArray());
        Assert.Equal(SHA256.HashData(download), result.DownloadHash.ToArray());

        async Task SendAsync()
        {
            await stream.SendAsync([.. Head(1234), .. upload]);
            await stream.CloseWriteAsync();
        }
    }

    private static byte[] Head(ulong download)
    {
        byte[] head = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(head, download);
        return head;
    }
}
