using System.IO.Pipelines;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <content>How a stream ends: closing to write, refusing to read, resetting, disposing.</content>
public abstract partial class MuxerContract
{
    private static readonly ErrorCode s_code = new(0x10042);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_the_write_side_flushes_what_was_written(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        "unflushed"u8.CopyTo(opened.Output.GetSpan(9));
        opened.Output.Advance(9);
        await opened.CloseWriteAsync(default);
        Assert.Equal("unflushed"u8.ToArray(), await ReadToEndAsync(accepted));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_direction_ends_while_the_other_goes_on(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        if (!pair.Initiator.Capabilities.HasFlag(MuxerCapabilities.HalfClose))
        {
            return;
        }

        await opened.CloseWriteAsync(default);
        await opened.CloseWriteAsync(default);
        Assert.Empty(await ReadToEndAsync(accepted));
        Assert.True((await accepted.Input.ReadAsync()).IsCompleted);
        Assert.Null(opened.End);
        Assert.Null(accepted.End);

        byte[] bytes = Bytes(1_000_000, seed: 5);
        Task writing = WriteAllAsync(accepted, bytes, 30_000);
        Assert.Equal(bytes, await ReadToEndAsync(opened));
        await Soon(writing);
        await Eventually(() => opened.End is not null && accepted.End is not null);
        Assert.True(opened.End!.IsClean && accepted.End!.IsClean);
        Assert.False(opened.Aborted.IsCancellationRequested || accepted.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task Nothing_is_written_after_the_write_side_was_closed()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream _) = await OpenAsync(pair, initiator: true, []);
        await opened.CloseWriteAsync(default);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await opened.Output.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task Completing_the_output_closes_the_write_side()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        "last"u8.CopyTo(opened.Output.GetSpan(4));
        opened.Output.Advance(4);
        await opened.Output.CompleteAsync();
        Assert.Equal("last"u8.ToArray(), await ReadToEndAsync(accepted));
        accepted.Output.Complete();
        Assert.Empty(await ReadToEndAsync(opened));
    }

    [Fact]
    public async Task Completing_the_output_with_an_exception_resets_with_its_code()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        opened.Output.Complete(new Libp2pException(new EndReason(EndedBy.Local, s_code, "No more")));
        await AssertResetAsync(pair, accepted, s_code);
        Assert.Equal("No more", opened.End!.Reason);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refusing_to_read_drops_what_comes_and_writing_goes_on(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        await accepted.Output.WriteAsync(new byte[1000]);
        Task<ReadResult> pending = opened.Input.ReadAtLeastAsync(5000).AsTask();
        opened.CloseRead(ErrorCode.None);
        opened.CloseRead(s_code);
        Assert.True((await Soon(pending)).IsCompleted);
        Assert.True((await opened.Input.ReadAsync()).Buffer.IsEmpty);

        if (!pair.Initiator.Capabilities.HasFlag(MuxerCapabilities.StopSending))
        {
            await Soon(accepted.Output.WriteAsync(Bytes(3_000_000, seed: 6)).AsTask());
        }

        await opened.Output.WriteAsync("still here"u8.ToArray());
        Assert.Equal("still here"u8.ToArray(), await ReadAsync(accepted, 10));
    }

    [Fact]
    public async Task Completing_the_input_refuses_to_read()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        await opened.Input.CompleteAsync();
        await opened.Output.WriteAsync(new byte[1]);
        Assert.Single(await ReadAsync(accepted, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_ends_both_directions_at_both_ends_and_carries_its_code(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        Task<ReadResult> here = opened.Input.ReadAsync().AsTask();
        Task<ReadResult> there = accepted.Input.ReadAsync().AsTask();
        CancellationToken aborted = accepted.Aborted;
        EndReason reason = new(EndedBy.Local, s_code, "Enough");
        opened.Reset(reason);
        opened.Reset(s_weLeave);

        Assert.Same(reason, opened.End);
        Assert.Same(reason, (await Assert.ThrowsAsync<StreamResetException>(() => Soon(here))).Reason);
        await Assert.ThrowsAsync<StreamResetException>(() => Soon(there));
        await AssertResetAsync(pair, accepted, s_code);
        await Eventually(() => aborted.IsCancellationRequested && opened.Aborted.IsCancellationRequested);
        await Eventually(() => pair.Initiator.StreamCount == 0 && pair.Responder.StreamCount == 0);
    }

    [Fact]
    public async Task A_reset_fails_a_flush_that_waits_and_the_flushes_after_it()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        Task filling = FillAsync(opened);
        accepted.Reset(new EndReason(EndedBy.Local, s_code, "Too much"));
        await Assert.ThrowsAsync<StreamResetException>(() => Soon(filling));
        await Assert.ThrowsAsync<StreamResetException>(async () => await opened.Output.WriteAsync(new byte[1]));
        await Assert.ThrowsAsync<StreamResetException>(async () => await accepted.Output.WriteAsync(new byte[1]));
    }

    [Fact]
    public async Task A_reset_ends_nothing_that_is_over()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        await opened.CloseWriteAsync(default);
        await WriteAllAsync(accepted, "bye"u8.ToArray(), 3);
        await Eventually(() => opened.End is not null && accepted.End is not null);
        opened.Reset(new EndReason(EndedBy.Local, s_code, "Too late"));
        Assert.True(opened.End!.IsClean);
        Assert.Equal("bye"u8.ToArray(), await ReadToEndAsync(opened));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_a_stream_delivers_what_was_written(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        byte[] bytes = Bytes(200_000, seed: 7);
        await opened.Output.WriteAsync(bytes);
        await accepted.Output.WriteAsync("nobody reads this"u8.ToArray());
        await opened.DisposeAsync();
        await opened.DisposeAsync();
        Assert.Equal(bytes, await ReadToEndAsync(accepted));
        await accepted.DisposeAsync();
        await Eventually(() => pair.Initiator.StreamCount == 0 && pair.Responder.StreamCount == 0);
    }

    [Fact]
    public async Task A_stream_whose_other_end_was_disposed_of_does_not_hang()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        await accepted.DisposeAsync();
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => Soon(FillAsync(opened)));
        Assert.IsType<StreamResetException>(failure);
    }

    [Fact]
    public async Task A_stream_is_over_for_its_user_when_it_is_disposed_of()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream _) = await OpenAsync(pair, initiator: true, []);
        ValueTask<ReadResult> pending = opened.Input.ReadAsync();
        await opened.DisposeAsync();
        Assert.True((await Soon(pending.AsTask())).IsCompleted);
        Assert.Throws<InvalidOperationException>(() => opened.Output.GetMemory());
    }

    private static async Task AssertResetAsync(MuxerPair pair, IMuxedStream stream, ErrorCode code)
    {
        StreamResetException failure = await Assert.ThrowsAsync<StreamResetException>(async () => await Soon(stream.Input.ReadAsync().AsTask()));
        Assert.Equal(EndedBy.Remote, failure.Reason.By);
        Assert.Equal(failure.Reason, stream.End);
        if (pair.Initiator.Capabilities.HasFlag(MuxerCapabilities.ResetCodes))
        {
            Assert.Equal(code, failure.Reason.Code);
        }
    }
}
