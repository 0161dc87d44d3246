using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

public sealed class NoiseLinkTests
{
    [Theory]
    [InlineData(-1, 1)]
    [InlineData(64, 2)]
    [InlineData(70_000, 3)]
    public async Task Ten_megabytes_each_way_in_random_pieces_arrive_as_they_were(int segmentSize, ulong seed)
    {
        const int Total = 10 * 1024 * 1024;
        NoiseLinkPair pair = new(new MemoryLinkPair(segmentSize: segmentSize));

        await Task.WhenAll(
            RandomTraffic.WriteAsync(pair.First.Output, Total, seed),
            RandomTraffic.ReadAsync(pair.Second.Input, Total, seed + 10),
            RandomTraffic.WriteAsync(pair.Second.Output, Total, seed + 20),
            RandomTraffic.ReadAsync(pair.First.Input, Total, seed + 30));

        await pair.First.DisposeAsync();
        await pair.Second.DisposeAsync();
    }

    [Fact]
    public async Task What_is_written_before_one_flush_is_sent_in_one_frame()
    {
        NoiseLinkPair pair = new();
        pair.First.Output.Write("one "u8);
        pair.First.Output.Write("two "u8);
        pair.First.Output.Write("three"u8);
        Assert.Equal(13, pair.First.Output.UnflushedBytes);
        Assert.Empty(pair.Below.Second.Input.ReadAvailable());

        await pair.First.Output.FlushAsync();
        Assert.Equal([13 + 16], NoiseLinkPair.Lengths(pair.Below.Second.Input.ReadAvailable()));
        Assert.Equal(0, pair.First.Output.UnflushedBytes);
    }

    [Fact]
    public async Task Frames_are_as_large_as_they_may_be_and_never_empty()
    {
        NoiseLinkPair pair = new(new MemoryLinkPair(pauseAt: 1 << 20));
        await pair.First.Output.WriteAsync(new byte[2 * NoiseFrame.MaxPlaintext + 1]);
        Assert.Equal([65535, 65535, 17], NoiseLinkPair.Lengths(pair.Below.Second.Input.ReadAvailable()));

        await pair.First.Output.FlushAsync();
        await pair.First.Output.WriteAsync(ReadOnlyMemory<byte>.Empty);
        pair.First.Output.GetMemory(100);
        pair.First.Output.Advance(0);
        await pair.First.Output.FlushAsync();
        Assert.Empty(pair.Below.Second.Input.ReadAvailable());
    }

    [Theory]
    [InlineData(NoiseFrame.MaxPlaintext)]
    [InlineData(NoiseFrame.MaxPlaintext + 1)]
    [InlineData(300_000)]
    public async Task Room_is_given_in_one_piece_whatever_its_size(int size)
    {
        NoiseLinkPair pair = new(new MemoryLinkPair(pauseAt: 1 << 20));
        pair.First.Output.Write("before"u8);
        Memory<byte> room = pair.First.Output.GetMemory(size);
        Assert.True(room.Length >= size);
        room.Span[..size].Fill(7);
        pair.First.Output.Advance(size);
        pair.First.Output.Write("after"u8);
        Assert.Equal(size + 11, pair.First.Output.UnflushedBytes);
        await pair.First.Output.FlushAsync();

        byte[] received = await pair.Second.Input.ReadExactlyAsync(size + 11);
        Assert.Equal([.. "before"u8, .. Enumerable.Repeat((byte)7, size), .. "after"u8], received);
    }

    [Fact]
    public void Advancing_past_the_room_is_an_error()
    {
        NoiseLinkPair pair = new();
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.First.Output.Advance(1));
        int room = pair.First.Output.GetMemory().Length;
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.First.Output.Advance(room + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => pair.First.Output.Advance(-1));
        pair.First.Output.Advance(room);
    }

    [Fact]
    public async Task A_large_write_waits_for_a_slow_reader_and_does_not_pile_up()
    {
        NoiseLinkPair pair = new(new MemoryLinkPair(pauseAt: 100_000));
        Task<FlushResult> writing = pair.First.Output.WriteAsync(new byte[10_000_000]).AsTask();
        Assert.False(writing.IsCompleted);
        Assert.True(pair.Below.Second.Input.TryRead(out ReadResult read));
        Assert.InRange(read.Buffer.Length, 100_000, 300_000);
        pair.Below.Second.Input.AdvanceTo(read.Buffer.Start);

        Assert.Equal(10_000_000, (await pair.Second.Input.ReadExactlyAsync(10_000_000)).Length);
        await writing;
    }

    [Fact]
    public async Task Empty_frames_are_tolerated_and_no_end()
    {
        NoiseLinkPair pair = new();
        ValueTask<ReadResult> reading = pair.Second.Input.ReadAsync();
        await pair.InjectAsync(NoiseLinkPair.Frame(0, []), NoiseLinkPair.Frame(1, []));
        Assert.False(reading.IsCompleted);
        await pair.InjectAsync(NoiseLinkPair.Frame(2, [1]), NoiseLinkPair.Frame(3, []), NoiseLinkPair.Frame(4, [2]));

        ReadResult read = await reading;
        Assert.Equal([1, 2], read.Buffer.ToArray());
        pair.Second.Input.AdvanceTo(read.Buffer.End);
    }

    [Fact]
    public async Task Frames_that_arrived_together_are_read_together()
    {
        NoiseLinkPair pair = new();
        await pair.InjectAsync([.. Enumerable.Range(0, 50).Select(i => NoiseLinkPair.Frame((ulong)i, [(byte)i, (byte)i]))]);
        Assert.True(pair.Second.Input.TryRead(out ReadResult read));
        Assert.Equal(100, read.Buffer.Length);
        Assert.True(read.Buffer.IsSingleSegment);
    }

    [Fact]
    public async Task A_changed_bit_at_any_byte_of_a_frame_is_an_error_that_lasts()
    {
        byte[] frame = NoiseLinkPair.Frame(1, "plaintext"u8.ToArray());

        for (int i = 2; i < frame.Length; i++)
        {
            NoiseLinkPair pair = new();
            byte[] changed = [.. frame];
            changed[i] ^= 1;
            await pair.InjectAsync(NoiseLinkPair.Frame(0, [42]), changed, NoiseLinkPair.Frame(2, [43]));

            Assert.Equal([42], await pair.Second.Input.ReadExactlyAsync(1));
            await Assert.ThrowsAsync<ProtocolViolationException>(() => pair.Second.Input.ReadAsync().AsTask());
            Assert.Throws<ProtocolViolationException>(() => pair.Second.Input.TryRead(out _));
        }
    }

    [Theory]
    [InlineData(1, 0)] // swapped
    [InlineData(0, 0)] // repeated
    [InlineData(0, 2)] // left out
    public async Task Frames_out_of_order_are_refused(ulong first, ulong second)
    {
        NoiseLinkPair pair = new();
        await pair.InjectAsync(NoiseLinkPair.Frame(first, [1]), NoiseLinkPair.Frame(second, [2]));

        if (first == 0)
        {
            Assert.Equal([1], await pair.Second.Input.ReadExactlyAsync(1));
        }

        await Assert.ThrowsAsync<ProtocolViolationException>(() => pair.Second.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task Frames_reflected_to_their_sender_are_refused()
    {
        NoiseLinkPair pair = new();
        await pair.Below.Second.Output.WriteAsync(NoiseLinkPair.Frame(0, [1]));
        await Assert.ThrowsAsync<ProtocolViolationException>(() => pair.First.Input.ReadAsync().AsTask());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public async Task Frames_shorter_than_a_tag_are_refused(byte length)
    {
        NoiseLinkPair pair = new();
        await pair.InjectAsync([0, length]);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => pair.Second.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task An_end_between_frames_is_the_end()
    {
        NoiseLinkPair pair = new();
        await pair.First.Output.WriteAsync("bye"u8.ToArray());
        await pair.First.Output.CompleteAsync();

        Assert.Equal("bye"u8.ToArray(), await pair.Second.Input.ReadToEndAsync());
        Assert.True((await pair.Second.Input.ReadAsync()).IsCompleted);
        pair.Second.Input.AdvanceTo(default);
        Assert.True(pair.Second.Input.TryRead(out ReadResult read) && read.IsCompleted && read.Buffer.IsEmpty);
    }

    [Fact]
    public async Task An_end_at_any_byte_inside_a_frame_is_an_error_after_what_came_before()
    {
        byte[] frame = NoiseLinkPair.Frame(1, "plaintext"u8.ToArray());

        for (int length = 1; length < frame.Length; length++)
        {
            NoiseLinkPair pair = new();
            await pair.InjectAsync(NoiseLinkPair.Frame(0, [42]), frame[..length]);
            await pair.Below.First.Output.CompleteAsync();

            ReadResult read = await pair.Second.Input.ReadAsync();
            Assert.Equal([42], read.Buffer.ToArray());
            Assert.False(read.IsCompleted);
            pair.Second.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            ConnectionClosedException ended = await Assert.ThrowsAsync<ConnectionClosedException>(() => pair.Second.Input.ReadAsync().AsTask());
            Assert.Contains($"{length} bytes into", ended.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_link_that_breaks_gives_its_reason_to_the_reader()
    {
        NoiseLinkPair pair = new();
        Task<ReadResult> reading = pair.Second.Input.ReadAsync().AsTask();
        pair.Second.Abort(new EndReason(EndedBy.Link, ErrorCode.None, "The cable was cut"));
        Assert.Equal("The cable was cut", (await Assert.ThrowsAsync<ConnectionClosedException>(() => reading)).Message);
        Assert.NotNull(pair.Below.Second.AbortReason);
    }

    [Fact]
    public async Task One_direction_ends_while_the_other_goes_on()
    {
        NoiseLinkPair pair = new();
        pair.First.Output.Write("last words"u8);
        pair.First.Output.Complete();
        Assert.Equal("last words"u8.ToArray(), await pair.Second.Input.ReadToEndAsync());

        await pair.Second.Output.WriteAsync("and yet"u8.ToArray());
        Assert.Equal("and yet"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(7));
        Assert.Throws<InvalidOperationException>(() => { pair.First.Output.GetMemory(); });
    }

    [Fact]
    public async Task Completing_with_an_error_drops_what_was_not_flushed()
    {
        NoiseLinkPair pair = new();
        pair.First.Output.Write("never sent"u8);
        pair.First.Output.Complete(new InvalidDataException("broken"));
        await Assert.ThrowsAsync<InvalidDataException>(() => pair.Second.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task Cancelling_a_read_by_token_loses_nothing()
    {
        NoiseLinkPair pair = new();
        using CancellationTokenSource source = new();
        Task<ReadResult> reading = pair.Second.Input.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Second.Input.ReadAsync(source.Token).AsTask());

        await pair.First.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await pair.Second.Input.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task Cancelling_the_pending_read_returns_it_and_the_next_one_waits()
    {
        NoiseLinkPair pair = new();
        ValueTask<ReadResult> reading = pair.Second.Input.ReadAsync();
        pair.Second.Input.CancelPendingRead();
        ReadResult read = await reading;
        Assert.True(read.IsCanceled && read.Buffer.IsEmpty && !read.IsCompleted);
        pair.Second.Input.AdvanceTo(read.Buffer.End);

        pair.Second.Input.CancelPendingRead();
        Assert.True((await pair.Second.Input.ReadAsync()).IsCanceled);
        pair.Second.Input.AdvanceTo(default);
        Task<ReadResult> next = pair.Second.Input.ReadAsync().AsTask();
        Assert.False(next.IsCompleted);
        await pair.First.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), (await next).Buffer.ToArray());
    }

    [Fact]
    public async Task A_cancelled_flush_can_be_repeated()
    {
        NoiseLinkPair pair = new(new MemoryLinkPair(pauseAt: 10));
        using CancellationTokenSource source = new();
        Task<FlushResult> writing = pair.First.Output.WriteAsync("0123456789"u8.ToArray(), source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);

        ValueTask<FlushResult> flushing = pair.First.Output.FlushAsync();
        pair.First.Output.CancelPendingFlush();
        Assert.True((await flushing).IsCanceled);
        Assert.Equal("0123456789"u8.ToArray(), await pair.Second.Input.ReadExactlyAsync(10));
        await pair.First.Output.FlushAsync();
    }

    [Fact]
    public async Task The_counter_ends_before_it_wraps()
    {
        NoiseLinkPair pair = new(nonce: ulong.MaxValue - 1);
        await pair.First.Output.WriteAsync("last"u8.ToArray());
        Assert.Equal("last"u8.ToArray(), await pair.Second.Input.ReadExactlyAsync(4));
        await Assert.ThrowsAsync<LimitExceededException>(async () => await pair.First.Output.WriteAsync("more"u8.ToArray()));

        await pair.InjectAsync(new byte[] { 0, 16 }, new byte[16]);
        await Assert.ThrowsAsync<LimitExceededException>(() => pair.Second.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task Disposing_sends_what_was_written_ends_both_directions_and_is_idempotent()
    {
        NoiseLinkPair pair = new();
        pair.First.Output.Write("bye"u8);
        await pair.First.DisposeAsync();
        await pair.First.DisposeAsync();

        Assert.True(pair.Below.First.IsDisposed);
        Assert.Equal("bye"u8.ToArray(), await pair.Second.Input.ReadToEndAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => pair.First.Input.ReadAsync().AsTask());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.First.Output.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task Disposing_while_a_result_is_held_does_not_pull_it_away()
    {
        NoiseLinkPair pair = new();
        await pair.First.Output.WriteAsync("held"u8.ToArray());
        ReadResult held = await pair.Second.Input.ReadAsync();
        await pair.Second.DisposeAsync();

        byte[][] others = [.. Enumerable.Range(0, 64).Select(_ => ArrayPool<byte>.Shared.Rent(64))];
        Array.ForEach(others, other => Array.Fill(other, (byte)0xFF));
        Assert.Equal("held"u8.ToArray(), held.Buffer.ToArray());
        Array.ForEach(others, other => ArrayPool<byte>.Shared.Return(other));
        pair.Second.Input.AdvanceTo(held.Buffer.End);
    }
}
