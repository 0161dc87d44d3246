using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

public abstract class MuxerContract
{
    protected abstract ValueTask<MuxerPair> ConnectAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_carries_bytes_both_ways_and_ends(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedConnection opener, IMuxedConnection acceptor) = pair.OpenedBy(initiatorOpens);
        await using IMuxedStream opened = await opener.OpenStreamAsync(default);
        await opened.Output.WriteAsync("hello"u8.ToArray());
        await using IMuxedStream accepted = (await acceptor.AcceptStreamAsync(default))!;
        Assert.Equal(Direction.Outbound, opened.Direction);
        Assert.Equal(Direction.Inbound, accepted.Direction);
        Assert.Equal(opened.Id, accepted.Id);

        ReadResult read = await accepted.Input.ReadAtLeastAsync(5);
        Assert.Equal("hello"u8.ToArray(), read.Buffer.ToArray());
        accepted.Input.AdvanceTo(read.Buffer.End);
        await accepted.Output.WriteAsync("world"u8.ToArray());
        await accepted.CloseWriteAsync(default);
        read = await opened.Input.ReadAtLeastAsync(6);
        Assert.Equal("world"u8.ToArray(), read.Buffer.ToArray());
        Assert.True(read.IsCompleted);
        opened.Input.AdvanceTo(read.Buffer.End);
        await opened.CloseWriteAsync(default);
        read = await accepted.Input.ReadAsync();
        Assert.True(read.IsCompleted && read.Buffer.IsEmpty);
    }
}
