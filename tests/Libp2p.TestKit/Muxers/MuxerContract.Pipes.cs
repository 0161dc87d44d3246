using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <content>What a stream's two pipes promise: windows, cancellation, partial reads.</content>
public abstract partial class MuxerContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_waits_until_the_reader_consumes(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        byte[] bytes = Bytes(8_000_000, seed: 8);
        Task writing = WriteAllAsync(opened, bytes, 100_000);
        Assert.False(await Settles(writing, TimeSpan.FromMilliseconds(200)));
        Assert.Equal(bytes, await ReadToEndAsync(accepted));
        await Soon(writing);
    }

    [Fact]
    public async Task A_message_larger_than_the_window_is_read_in_one_piece()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        byte[] bytes = Bytes(2_000_000, seed: 9);
        Task writing = WriteAllAsync(opened, bytes, 10_000);
        Assert.Equal(bytes, await ReadAsync(accepted, bytes.Length));
        await Soon(writing);
    }

    [Fact]
    public async Task What_was_examined_and_not_consumed_is_read_again_with_more()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, "ab"u8.ToArray());
        ReadResult read = await Soon(accepted.Input.ReadAtLeastAsync(2).AsTask());
        accepted.Input.AdvanceTo(read.Buffer.GetPosition(1), read.Buffer.End);
        Task<ReadResult> more = accepted.Input.ReadAsync().AsTask();
        Assert.False(more.IsCompleted);
        await opened.Output.WriteAsync("c"u8.ToArray());
        read = await Soon(more);
        Assert.Equal("bc"u8.ToArray(), read.Buffer.ToArray());
        accepted.Input.AdvanceTo(read.Buffer.GetPosition(1));
        Assert.True(accepted.Input.TryRead(out read));
        Assert.Equal("c"u8.ToArray(), read.Buffer.ToArray());
        accepted.Input.AdvanceTo(read.Buffer.End);
        Assert.False(accepted.Input.TryRead(out _));
    }

    [Fact]
    public async Task What_is_written_shows_when_it_is_flushed()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        Memory<byte> memory = opened.Output.GetMemory(100_000);
        Assert.True(memory.Length >= 100_000);
        byte[] bytes = Bytes(100_000, seed: 10);
        bytes.CopyTo(memory);
        opened.Output.Advance(100_000);
        if (opened.Output.CanGetUnflushedBytes)
        {
            Assert.Equal(100_000, opened.Output.UnflushedBytes);
        }

        Assert.False(accepted.Input.TryRead(out _));
        FlushResult flushed = await Soon(opened.Output.FlushAsync().AsTask());
        Assert.False(flushed.IsCanceled || flushed.IsCompleted);
        Assert.Equal(bytes, await ReadAsync(accepted, 100_000));
    }

    [Fact]
    public async Task A_read_that_is_cancelled_takes_nothing()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        using CancellationTokenSource caller = new();
        Task<ReadResult> reading = accepted.Input.ReadAsync(caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(reading));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await accepted.Input.ReadAsync(caller.Token));
        await opened.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await ReadAsync(accepted, 1));
        Assert.Null(accepted.End);
    }

    [Fact]
    public async Task A_pending_read_is_cancelled_without_a_token()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        Task<ReadResult> reading = accepted.Input.ReadAsync().AsTask();
        accepted.Input.CancelPendingRead();
        ReadResult read = await Soon(reading);
        Assert.True(read.IsCanceled && !read.IsCompleted && read.Buffer.IsEmpty);
        accepted.Input.AdvanceTo(read.Buffer.End);
        accepted.Input.CancelPendingRead();
        Assert.True((await accepted.Input.ReadAsync()).IsCanceled);
        await opened.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await ReadAsync(accepted, 1));
    }

    [Fact]
    public async Task A_flush_that_is_cancelled_has_taken_its_bytes()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        using CancellationTokenSource caller = new();
        byte[] bytes = Bytes(1_500_000, seed: 11);
        bytes.CopyTo(opened.Output.GetMemory(bytes.Length));
        opened.Output.Advance(bytes.Length);
        Task<FlushResult> flushing = opened.Output.FlushAsync(caller.Token).AsTask();
        Assert.False(flushing.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(flushing));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await opened.Output.FlushAsync(caller.Token));
        opened.Output.CancelPendingFlush();
        Assert.True((await opened.Output.FlushAsync()).IsCanceled);

        Task closing = opened.CloseWriteAsync(default).AsTask();
        Assert.Equal(bytes, await ReadToEndAsync(accepted));
        await Soon(closing);
    }

    [Fact]
    public async Task A_pending_flush_is_cancelled_without_a_token()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream _) = await OpenAsync(pair, initiator: true, []);
        opened.Output.GetMemory(1_500_000);
        opened.Output.Advance(1_500_000);
        Task<FlushResult> flushing = opened.Output.FlushAsync().AsTask();
        opened.Output.CancelPendingFlush();
        Assert.True((await Soon(flushing)).IsCanceled);
    }

    [Fact]
    public async Task Closing_the_write_side_can_be_cancelled_while_it_waits()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        byte[] bytes = Bytes(1_500_000, seed: 12);
        bytes.CopyTo(opened.Output.GetMemory(bytes.Length));
        opened.Output.Advance(bytes.Length);
        using CancellationTokenSource caller = new();
        Task closing = opened.CloseWriteAsync(caller.Token).AsTask();
        Assert.False(closing.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(closing));
        Assert.Equal(bytes, await ReadToEndAsync(accepted));
    }

    [Fact]
    public async Task What_is_still_looked_at_survives_a_reset()
    {
        await using MuxerPair pair = await ConnectAsync();
        byte[] bytes = Bytes(50_000, seed: 13);
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, bytes);
        ReadResult read = await Soon(accepted.Input.ReadAtLeastAsync(bytes.Length).AsTask());
        opened.Reset(s_weLeave);
        await Eventually(() => accepted.End is not null);
        (IMuxedStream other, IMuxedStream otherAccepted) = await OpenAsync(pair, initiator: true, []);
        await other.Output.WriteAsync(Bytes(200_000, seed: 14));
        await ReadAsync(otherAccepted, 200_000);
        Assert.Equal(bytes, read.Buffer.ToArray());
        accepted.Input.AdvanceTo(read.Buffer.End);
        await Assert.ThrowsAsync<StreamResetException>(async () => await accepted.Input.ReadAsync());
    }

    [Fact]
    public async Task A_write_into_memory_that_outlived_its_stream_harms_nobody()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        Memory<byte> memory = opened.Output.GetMemory(1000);
        accepted.Reset(s_weLeave);
        await Eventually(() => opened.End is not null);
        memory.Span.Fill(0xff);
        opened.Output.Advance(1000);
        await Assert.ThrowsAsync<StreamResetException>(async () => await opened.Output.FlushAsync());
        await opened.DisposeAsync();
    }
}
