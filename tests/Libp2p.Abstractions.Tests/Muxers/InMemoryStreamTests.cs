using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Muxers;

public sealed class InMemoryStreamTests
{
    private static readonly EndReason s_reason = new(EndedBy.Local, new ErrorCode(0x10007), "Enough");

    private readonly InMemoryStreamPair _pair = new(window: 10);

    private IMuxedStream A => _pair.Initiator;

    private IMuxedStream B => _pair.Responder;

    [Fact]
    public async Task Bytes_go_both_ways()
    {
        await A.Output.WriteAsync(new byte[] { 1, 2 });
        await B.Output.WriteAsync(new byte[] { 3 });

        Assert.Equal([1, 2], await ReadAsync(B));
        Assert.Equal([3], await ReadAsync(A));
        Assert.Equal((Direction.Outbound, Direction.Inbound), (A.Direction, B.Direction));
        Assert.NotEqual(new InMemoryStreamPair().Initiator.Id, A.Id);
    }

    [Fact]
    public async Task Closing_the_write_side_ends_the_others_input_and_leaves_the_other_direction_open()
    {
        A.Output.Write("\u0001"u8);
        await A.CloseWriteAsync(default);
        await A.CloseWriteAsync(default);

        Assert.Equal([1], await ReadAsync(B));
        Assert.True((await B.Input.ReadAsync()).IsCompleted);
        await B.Output.WriteAsync(new byte[] { 2 });
        Assert.Equal([2], await ReadAsync(A));
        Assert.Null(A.End);
    }

    [Fact]
    public async Task A_flush_waits_until_the_reader_has_consumed()
    {
        await A.Output.WriteAsync(new byte[10]);
        ValueTask<FlushResult> flushing = A.Output.WriteAsync(new byte[1]);
        ReadResult read = await B.Input.ReadAsync();
        B.Input.AdvanceTo(read.Buffer.Start, read.Buffer.GetPosition(5));
        await Task.Yield();
        Assert.False(flushing.IsCompleted); // examined is not consumed

        read = await B.Input.ReadAsync();
        B.Input.AdvanceTo(read.Buffer.GetPosition(1));

        Assert.False((await flushing).IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_that_was_taken_succeeds_whatever_its_reader_does_then(bool resets)
    {
        SynchronizationContext.SetSynchronizationContext(new RecordingContext()); // so the reader goes on inside the flush
        Task leaving = ReadAndLeaveAsync();
        SynchronizationContext.SetSynchronizationContext(null);

        ValueTask<FlushResult> flushing = A.Output.WriteAsync(new byte[1]);

        Assert.True(leaving.IsCompletedSuccessfully);
        FlushResult flushed = await flushing;
        Assert.False(flushed.IsCompleted || flushed.IsCanceled);
        Exception? next = await Record.ExceptionAsync(async () => Assert.True((await A.Output.WriteAsync(new byte[1])).IsCompleted));
        Assert.Equal(resets ? typeof(StreamResetException) : null, next?.GetType());

        async Task ReadAndLeaveAsync()
        {
            await ReadAsync(B);
            if (resets)
            {
                B.Reset(s_reason);
            }
            else
            {
                B.CloseRead(default);
            }
        }
    }

    [Fact]
    public async Task A_flush_can_be_cancelled_and_its_bytes_still_arrive()
    {
        await A.Output.WriteAsync(new byte[10]);
        using CancellationTokenSource source = new();
        ValueTask<FlushResult> flushing = A.Output.WriteAsync(new byte[] { 9 }, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await flushing);

        Assert.Equal(9, (await ReadAsync(B))[^1]);

        await A.Output.WriteAsync(new byte[10]);
        flushing = A.Output.WriteAsync(new byte[1]);
        A.Output.CancelPendingFlush();
        Assert.True((await flushing).IsCanceled);
    }

    [Fact]
    public async Task A_reset_fails_what_both_ends_do_and_carries_its_reason()
    {
        await A.Output.WriteAsync(new byte[10]);
        ValueTask<FlushResult> flushing = A.Output.WriteAsync(new byte[1]);
        ValueTask<ReadResult> reading = A.Input.ReadAsync();

        B.Reset(s_reason);
        B.Reset(new EndReason(EndedBy.Link, default, "Too late"));

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await flushing);
        Assert.Equal((EndedBy.Remote, new ErrorCode(0x10007)), (e.Reason.By, e.Reason.Code));
        await Assert.ThrowsAsync<StreamResetException>(async () => await reading);
        e = await Assert.ThrowsAsync<StreamResetException>(async () => await B.Input.ReadAsync()); // unread bytes are dropped
        Assert.Same(s_reason, e.Reason);
        await Assert.ThrowsAsync<StreamResetException>(async () => await B.Output.WriteAsync(new byte[1]));
        Assert.Equal((s_reason, EndedBy.Remote), (B.End, A.End!.By));
        Assert.True(A.Aborted.IsCancellationRequested && B.Aborted.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_arrived_before_the_remotes_reset_is_read_first(bool isPending)
    {
        Task<byte[]>? reading = isPending ? B.Input.ReadExactlyAsync(5) : null;
        await A.Output.WriteAsync(new byte[] { 1, 2, 3 });
        A.Output.GetSpan(1)[0] = 4;
        A.Output.Advance(1); // and is not flushed
        if (reading is null)
        {
            ReadResult part = await B.Input.ReadAsync();
            B.Input.AdvanceTo(part.Buffer.GetPosition(1), part.Buffer.GetPosition(2));
        }

        A.Reset(s_reason);
        await A.DisposeAsync();

        if (reading is null)
        {
            ReadResult rest = await B.Input.ReadAsync();
            Assert.Equal([2, 3], rest.Buffer.ToArray());
            Assert.False(rest.IsCompleted || rest.IsCanceled);
            B.Input.AdvanceTo(rest.Buffer.Start, rest.Buffer.End);
            await Assert.ThrowsAsync<StreamResetException>(async () => await B.Input.ReadAsync());
        }
        else
        {
            await Assert.ThrowsAsync<StreamResetException>(() => reading); // it wants more than came
        }

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await B.Input.ReadAsync());
        Assert.Equal((EndedBy.Remote, s_reason.Code), (e.Reason.By, e.Reason.Code));
    }

    [Fact]
    public async Task An_end_that_came_before_the_remotes_reset_is_read_first()
    {
        await A.Output.WriteAsync(new byte[] { 1, 2 });
        await A.CloseWriteAsync(default);
        A.Reset(s_reason);

        ReadResult read = await B.Input.ReadAsync();
        Assert.Equal([1, 2], read.Buffer.ToArray());
        Assert.True(read.IsCompleted);
        B.Input.AdvanceTo(read.Buffer.End);
        await Assert.ThrowsAsync<StreamResetException>(async () => await B.Input.ReadAsync());
    }

    [Fact]
    public async Task A_reset_is_none_the_less_one_when_its_end_is_disposed_of_at_once()
    {
        SynchronizationContext.SetSynchronizationContext(new RecordingContext()); // so both readers go on inside the reset
        Task reading = ReadAsync(A);
        Task leaving = LeaveAsync();
        SynchronizationContext.SetSynchronizationContext(null);

        B.Reset(s_reason);

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(() => reading);
        Assert.Equal(s_reason.Code, e.Reason.Code);
        await leaving;

        async Task LeaveAsync()
        {
            await Assert.ThrowsAsync<StreamResetException>(async () => await B.Input.ReadAsync());
            await B.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_reads_no_more_sees_the_end_and_whoever_writes_learns_of_it()
    {
        await A.Output.WriteAsync(new byte[10]);
        ValueTask<FlushResult> flushing = A.Output.WriteAsync(new byte[1]);
        ReadResult read = await B.Input.ReadAsync();
        B.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        ValueTask<ReadResult> reading = B.Input.ReadAsync();

        B.CloseRead(default);

        Assert.True((await reading).IsCompleted);
        Assert.True((await flushing).IsCompleted);
        Assert.True((await A.Output.WriteAsync(new byte[1000])).IsCompleted);
        await B.Output.WriteAsync(new byte[] { 5 });
        Assert.Equal([5], await ReadAsync(A));
        Assert.False(A.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Completing_the_pipes_is_closing_and_resetting()
    {
        await A.Output.CompleteAsync();
        Assert.True((await B.Input.ReadAsync()).IsCompleted);
        await A.Input.CompleteAsync();
        Assert.True((await B.Output.WriteAsync(new byte[1])).IsCompleted);

        InMemoryStreamPair other = new();
        await other.Initiator.Output.CompleteAsync(new InvalidOperationException("Broken"));
        await Assert.ThrowsAsync<StreamResetException>(async () => await other.Responder.Input.ReadAsync());
    }

    [Fact]
    public async Task When_both_directions_have_ended_the_stream_has()
    {
        await A.CloseWriteAsync(default);
        Assert.Null(B.End);
        B.CloseRead(default);
        Assert.Null(B.End);
        await B.CloseWriteAsync(default);

        Assert.True(A.End!.IsClean && B.End!.IsClean);
        A.Reset(s_reason);
        Assert.True(A.End!.IsClean);
        Assert.False(A.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Disposing_ends_both_directions_in_order_and_twice_is_once()
    {
        A.Output.Write("\u0001\u0002\u0003"u8);
        ValueTask<ReadResult> reading = A.Input.ReadAsync();

        await A.DisposeAsync();
        await A.DisposeAsync();

        Assert.True((await reading).IsCompleted);
        Assert.Equal([1, 2, 3], await ReadAsync(B));
        Assert.True((await B.Input.ReadAsync()).IsCompleted);
        Assert.True((await B.Output.WriteAsync(new byte[1])).IsCompleted);
        await B.DisposeAsync();
        Assert.True(A.End!.IsClean);
    }

    [Fact]
    public async Task A_read_can_be_cancelled()
    {
        ValueTask<ReadResult> reading = A.Input.ReadAsync();
        A.Input.CancelPendingRead();
        ReadResult read = await reading;
        Assert.True(read.IsCanceled);
        A.Input.AdvanceTo(read.Buffer.End);

        using CancellationTokenSource source = new();
        reading = A.Input.ReadAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reading);
    }

    [Fact]
    public async Task A_context_that_awaits_is_where_it_goes_on()
    {
        RecordingContext context = new();
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            ValueTask<ReadResult> reading = B.Input.ReadAsync();
            Task<ReadResult> read = AwaitAsync(reading);
            await A.Output.WriteAsync(new byte[1]);
            SynchronizationContext.SetSynchronizationContext(null);
            await Eventually.HoldsAsync(() => context.Posts > 0);
            await read;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }

        static async Task<ReadResult> AwaitAsync(ValueTask<ReadResult> reading) => await reading;
    }

    private static async Task<byte[]> ReadAsync(IMuxedStream stream)
    {
        ReadResult read = await stream.Input.ReadAsync();
        byte[] bytes = read.Buffer.ToArray();
        stream.Input.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    private sealed class RecordingContext : SynchronizationContext
    {
        private int _posts;

        public int Posts => _posts;

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref _posts);
            d(state);
        }
    }
}
