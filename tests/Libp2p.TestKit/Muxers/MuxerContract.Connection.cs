using System.IO.Pipelines;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <content>How a connection opens, accepts and ends.</content>
public abstract partial class MuxerContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closing_delivers_what_was_flushed_and_says_why(bool initiatorCloses)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorCloses, []);
        (IMuxedConnection here, IMuxedConnection there) = pair.OpenedBy(initiatorCloses);
        byte[] bytes = Bytes(100_000, seed: 15);
        await opened.Output.WriteAsync(bytes);
        EndReason reason = new(EndedBy.Local, s_code, "We leave with a code");
        Task closing = here.CloseAsync(reason, default).AsTask();

        Assert.Equal(bytes, await ReadAsync(accepted, bytes.Length));
        ConnectionClosedException failure =
            await Assert.ThrowsAsync<ConnectionClosedException>(async () => await Soon(accepted.Input.ReadAsync().AsTask()));
        Assert.Equal(EndedBy.Remote, failure.Reason.By);
        await Soon(closing);
        Assert.Same(reason, await Soon(here.Completion));
        EndReason seen = await Soon(there.Completion);
        Assert.Equal(EndedBy.Remote, seen.By);
        if (pair.Initiator.Capabilities.HasFlag(MuxerCapabilities.ResetCodes))
        {
            Assert.Equal(s_code, seen.Code);
        }

        Assert.Equal(0, here.StreamCount);
        Assert.Equal(0, there.StreamCount);
    }

    [Fact]
    public async Task Closing_ends_the_streams_that_are_open()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        CancellationToken here = opened.Aborted;
        CancellationToken there = accepted.Aborted;
        Task<ReadResult> reading = opened.Input.ReadAsync().AsTask();
        Task filling = FillAsync(opened);
        await Soon(pair.Initiator.CloseAsync(s_weLeave, default).AsTask());

        Assert.Same(s_weLeave, (await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(reading))).Reason);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(filling));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await opened.Output.WriteAsync(new byte[1]));
        await Eventually(() => here.IsCancellationRequested && there.IsCancellationRequested);
        Assert.Same(s_weLeave, opened.End);
        Assert.NotNull(accepted.End);
    }

    [Fact]
    public async Task What_has_arrived_before_the_remote_left_can_be_read()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        await WriteAllAsync(opened, "the whole answer"u8.ToArray(), 100);
        await pair.Initiator.CloseAsync(s_weLeave, default);
        await Soon(pair.Responder.Completion);
        Assert.Equal("the whole answer"u8.ToArray(), await ReadToEndAsync(accepted));
    }

    [Fact]
    public async Task A_closed_connection_opens_and_accepts_nothing()
    {
        await using MuxerPair pair = await ConnectAsync();
        Task<IMuxedStream?> accepting = pair.Initiator.AcceptStreamAsync(default).AsTask();
        Task<IMuxedStream?> acceptingThere = pair.Responder.AcceptStreamAsync(default).AsTask();
        await pair.Initiator.CloseAsync(s_weLeave, default);
        Assert.Null(await Soon(accepting));
        Assert.Null(await Soon(acceptingThere));
        Assert.Null(await pair.Initiator.AcceptStreamAsync(default));
        ConnectionClosedException failure =
            await Assert.ThrowsAsync<ConnectionClosedException>(async () => await pair.Initiator.OpenStreamAsync(default));
        Assert.Same(s_weLeave, failure.Reason);
        await Soon(pair.Responder.Completion);
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await pair.Responder.OpenStreamAsync(default));
    }

    [Fact]
    public async Task The_first_reason_wins()
    {
        await using MuxerPair pair = await ConnectAsync();
        Task first = pair.Initiator.CloseAsync(s_weLeave, default).AsTask();
        Task second = pair.Initiator.CloseAsync(new EndReason(EndedBy.Local, s_code, "Second"), default).AsTask();
        pair.Initiator.Abort(new EndReason(EndedBy.Local, s_code, "Third"));
        await Soon(Task.WhenAll(first, second, pair.Initiator.DisposeAsync().AsTask()));
        Assert.Same(s_weLeave, await pair.Initiator.Completion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Aborting_ends_it_at_once(bool initiatorAborts)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorAborts, []);
        (IMuxedConnection here, IMuxedConnection there) = pair.OpenedBy(initiatorAborts);
        Task filling = FillAsync(opened);
        EndReason reason = new(EndedBy.Local, s_code, "At once");
        here.Abort(reason);
        here.Abort(s_weLeave);
        Assert.Same(reason, await Soon(here.Completion));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(filling));
        await Soon(there.Completion);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(ReadToEndAsync(accepted)));
    }

    [Fact]
    public async Task Both_ends_may_close_at_once()
    {
        await using MuxerPair pair = await ConnectAsync();
        await OpenAsync(pair, initiator: true, []);
        EndReason other = new(EndedBy.Local, ErrorCode.None, "The other too");
        Task here = pair.Initiator.CloseAsync(s_weLeave, default).AsTask();
        Task there = pair.Responder.CloseAsync(other, default).AsTask();
        await Soon(Task.WhenAll(here, there));
        Assert.True((await pair.Initiator.Completion).IsClean);
        Assert.True((await pair.Responder.Completion).IsClean);
    }

    [Fact]
    public async Task Disposing_ends_everything_and_may_be_repeated()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        Task<ReadResult> reading = opened.Input.ReadAsync().AsTask();
        Task filling = FillAsync(opened);
        Task<IMuxedStream?> accepting = pair.Initiator.AcceptStreamAsync(default).AsTask();
        await Soon(Task.WhenAll(pair.Initiator.DisposeAsync().AsTask(), pair.Initiator.DisposeAsync().AsTask()));
        Assert.True(pair.Initiator.Completion.IsCompletedSuccessfully);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(reading));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => Soon(filling));
        Assert.Null(await Soon(accepting));
        await opened.DisposeAsync();
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_accept_loses_no_stream()
    {
        await using MuxerPair pair = await ConnectAsync();
        using CancellationTokenSource caller = new();
        Task<IMuxedStream?> accepting = pair.Responder.AcceptStreamAsync(caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(accepting));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pair.Responder.AcceptStreamAsync(caller.Token));
        await OpenAsync(pair, initiator: true, []);
    }

    [Fact]
    public async Task A_cancelled_open_leaves_nothing_behind()
    {
        await using MuxerPair pair = await ConnectAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await pair.Initiator.OpenStreamAsync(new CancellationToken(canceled: true)));
        Assert.Equal(0, pair.Initiator.StreamCount);
        await OpenAsync(pair, initiator: true, []);
    }

    [Fact]
    public async Task A_close_that_is_cancelled_ends_it_at_once()
    {
        await using MuxerPair pair = await ConnectAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await pair.Initiator.CloseAsync(s_weLeave, new CancellationToken(canceled: true)));
        Assert.Same(s_weLeave, await Soon(pair.Initiator.Completion));
    }

    [Fact]
    public async Task One_caller_accepts_at_a_time()
    {
        await using MuxerPair pair = await ConnectAsync();
        Task<IMuxedStream?> first = pair.Responder.AcceptStreamAsync(default).AsTask();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Responder.AcceptStreamAsync(default));
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Who_watches_a_stream_may_do_anything_when_it_is_aborted()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        TaskCompletionSource watched = new(TaskCreationOptions.RunContinuationsAsynchronously);
        accepted.Aborted.Register(() =>
        {
            accepted.Reset(s_weLeave);
            pair.Responder.Abort(s_weLeave);
            watched.SetResult();
            throw new InvalidOperationException("A watcher that fails harms nobody else");
        });
        opened.Reset(s_weLeave);
        await Soon(watched.Task);
        await Soon(pair.Responder.Completion);
    }
}
