using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Scheduling;
using Libp2p.TestKit.Scheduling;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Goodbyes, broken links, silence.</summary>
public sealed class EndingTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly EndReason s_weLeave = new(EndedBy.Local, ErrorCode.None, "We leave");

    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(0u)]
    [InlineData(0x1006u)]
    public async Task We_say_goodbye_with_the_code_and_then_the_link_ends(uint code)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await stream.Output.WriteAsync("last words"u8.ToArray());
        EndReason reason = new(EndedBy.Local, new ErrorCode(code), "Bye");
        Task closing = peer.Subject.CloseAsync(reason, default).AsTask();
        Assert.Equal("last words"u8.ToArray(), await peer.ExpectAsync(Data(FrameFlags.None, 1, 10)));
        await peer.ExpectAsync(GoAway(code));
        Assert.Null(await peer.TryReceiveAsync());
        Assert.False(closing.IsCompleted);
        await peer.SendDataAsync(1, new byte[100_000]); // it has not heard yet
        await peer.Link.Output.CompleteAsync();
        await closing.WaitAsync(s_patience);
        Assert.True(peer.SubjectLink.IsDisposed);
        Assert.Null(peer.SubjectLink.AbortReason);
        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task What_does_not_fit_the_window_is_not_waited_for()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[Window + 1]).AsTask();
        ValueTask closing = peer.Subject.CloseAsync(s_weLeave, default);
        await Assert.ThrowsAsync<ConnectionClosedException>(() => writing);
        long sent = 0;
        (FrameHeader Header, byte[] Body) frame;
        while ((frame = await peer.ReceiveAsync()).Header.Type == FrameType.Data)
        {
            sent += frame.Body.Length;
        }

        Assert.Equal(GoAway(0), frame.Header);
        Assert.Equal(Window, sent);
        await peer.Link.Output.CompleteAsync();
        await closing;
    }

    [Fact]
    public async Task A_remote_that_does_not_hang_up_is_not_waited_for_for_ever()
    {
        await using ScriptedPeer peer = new(time: _clock);
        Task closing = peer.Subject.CloseAsync(s_weLeave, default).AsTask();
        await peer.ExpectAsync(GoAway(0));
        Assert.Null(await peer.TryReceiveAsync());
        _clock.Advance(TimeSpan.FromSeconds(5) - TimeSpan.FromTicks(1));
        Assert.False(closing.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await closing.WaitAsync(s_patience);
        Assert.NotNull(peer.SubjectLink.AbortReason);
        Assert.Same(s_weLeave, await peer.Subject.Completion);
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public async Task A_remote_that_reads_nothing_is_not_waited_for_for_ever()
    {
        await using ScriptedPeer peer = new(time: _clock, linkCapacity: 10);
        await peer.SendAsync(Update(FrameFlags.Syn, 1));
        IMuxedStream stream = await peer.AcceptAsync();
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[Window + 1]).AsTask();
        Task closing = peer.Subject.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ConnectionClosedException>(() => writing);
        Assert.False(closing.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await closing.WaitAsync(s_patience);
        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task What_our_own_end_cuts_off_does_not_look_as_if_the_remote_had_ended_it()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, "the whole answer"u8.ToArray(), FrameFlags.Fin);
        ReadResult arrived = await stream.Input.ReadAtLeastAsync(16).AsTask().WaitAsync(s_patience);
        stream.Input.AdvanceTo(arrived.Buffer.Start);

        peer.Subject.Abort(new EndReason(EndedBy.Local, ErrorCode.None, "Enough"));

        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await stream.Input.ReadAsync().AsTask().WaitAsync(s_patience));
    }

    [Theory]
    [InlineData(1u, "broke the protocol")]
    [InlineData(2u, "too many streams")]
    [InlineData(0x1005u, "GarbageCollected")]
    public async Task A_goodbye_with_a_code_ends_it_at_once(uint code, string _)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendAsync(GoAway(code));
        ConnectionClosedException failure =
            await Assert.ThrowsAsync<ConnectionClosedException>(async () => await stream.Input.ReadAsync().AsTask().WaitAsync(s_patience));
        Assert.Equal(EndedBy.Remote, failure.Reason.By);
        Assert.Equal(code, failure.Reason.Code.Value);
        Assert.Null(await peer.TryReceiveAsync());
        await peer.Link.Output.CompleteAsync();
        Assert.Same(failure.Reason, await peer.Subject.Completion.WaitAsync(s_patience));
    }

    [Fact]
    public async Task After_a_plain_goodbye_streams_go_on_until_the_link_ends()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
        Assert.True(peer.Subject.TakesStreams);
        await peer.SendAsync(GoAway(0));
        await peer.SendDataAsync(1, "more"u8.ToArray(), FrameFlags.Ack);
        Assert.Equal("more"u8.ToArray(), await OpeningTests.ReadAsync(stream, 4));
        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await peer.Subject.OpenStreamAsync(default));
        Assert.False(peer.Subject.Completion.IsCompleted);
        Assert.False(peer.Subject.TakesStreams);
        await peer.Link.Output.CompleteAsync();
        EndReason end = await peer.Subject.Completion.WaitAsync(s_patience);
        Assert.True(end.IsClean);
        Assert.Equal(EndedBy.Remote, end.By);
        Assert.Contains("goodbye", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_plain_goodbye_the_last_stream_ends_the_session()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendAsync(GoAway(0), Update(FrameFlags.Fin, 1));
        await stream.Output.WriteAsync("answer"u8.ToArray());
        await stream.CloseWriteAsync(default);
        await peer.ExpectAsync(Data(FrameFlags.None, 1, 6));
        await peer.ExpectAsync(Update(FrameFlags.Fin, 1));
        Assert.Null(await peer.TryReceiveAsync());
        await peer.Link.Output.CompleteAsync();
        Assert.Equal(EndedBy.Remote, (await peer.Subject.Completion.WaitAsync(s_patience)).By);
        Assert.True(stream.End!.IsClean);
    }

    [Fact]
    public async Task A_goodbye_without_streams_ends_it()
    {
        await using ScriptedPeer peer = new();
        Task<IMuxedStream?> accepting = peer.Subject.AcceptStreamAsync(default).AsTask();
        await peer.SendAsync(GoAway(0));
        Assert.Null(await accepting.WaitAsync(s_patience));
        Assert.Null(await peer.TryReceiveAsync());
        await peer.Link.Output.CompleteAsync();
        await peer.Subject.Completion.WaitAsync(s_patience);
    }

    [Theory]
    [InlineData(0, EndedBy.Remote)]
    [InlineData(5, EndedBy.Link)]
    [InlineData(14, EndedBy.Link)]
    public async Task A_link_that_ends_without_a_goodbye(int bytesOfLastFrame, EndedBy by)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendBytesAsync(Encode(Data(FrameFlags.None, 1, 10), new byte[10]).AsMemory(0, bytesOfLastFrame));
        await peer.Link.Output.CompleteAsync();
        Assert.Equal(by, (await peer.Subject.Completion.WaitAsync(s_patience)).By);
        Assert.Equal(by, stream.End!.By);
        Assert.True(stream.Aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task A_broken_link_ends_all_streams()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[2 * Window]).AsTask();
        Task<ReadResult> reading = stream.Input.ReadAsync().AsTask();
        peer.Link.Abort(s_weLeave);
        ConnectionClosedException failure = await Assert.ThrowsAsync<ConnectionClosedException>(() => reading.WaitAsync(s_patience));
        await Assert.ThrowsAsync<ConnectionClosedException>(() => writing.WaitAsync(s_patience));
        Assert.Equal(EndedBy.Link, failure.Reason.By);
        Assert.IsType<IOException>(failure.Reason.Cause);
        Assert.Same(failure.Reason, await peer.Subject.Completion.WaitAsync(s_patience));
    }

    [Fact]
    public async Task When_writing_fails_the_remotes_last_words_are_still_heard()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.Link.Input.CompleteAsync(); // nobody reads what we write any more
        await stream.Output.WriteAsync(new byte[10]);
        await peer.SendAsync(GoAway(0x1005));
        await peer.Link.Output.CompleteAsync();
        EndReason end = await peer.Subject.Completion.WaitAsync(s_patience);
        Assert.Equal((EndedBy.Remote, 0x1005u), (end.By, end.Code.Value));
    }

    [Fact]
    public async Task When_writing_fails_and_nothing_is_heard_the_session_ends()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.Link.Input.CompleteAsync();
        await stream.Output.WriteAsync(new byte[10]);
        while (!peer.Subject.Completion.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }

        Assert.Equal(EndedBy.Link, (await peer.Subject.Completion).By);
    }

    [Fact]
    public async Task Silence_is_broken_by_a_ping_and_a_pong_keeps_the_session_alive()
    {
        await using ScriptedPeer peer = new(time: _clock);
        await peer.SettleAsync();
        _clock.Advance(TimeSpan.FromSeconds(30)); // something was heard in this time
        Assert.Empty(await peer.SettleAsync());
        _clock.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await peer.ExpectAsync(Ping(FrameFlags.Syn, 1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await peer.SendAsync(Ping(FrameFlags.Ack, 1));
        await peer.SettleAsync();
        Assert.Equal(TimeSpan.FromSeconds(2), peer.Subject.GetState().RoundTrip);
        _clock.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await peer.ExpectAsync(Ping(FrameFlags.Syn, 2));
        Assert.False(peer.Subject.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_ping_without_an_answer_ends_the_session()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        _clock.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await peer.ExpectAsync(Ping(FrameFlags.Syn, 1));
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(peer.Subject.Completion.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        EndReason end = await peer.Subject.Completion.WaitAsync(s_patience);
        Assert.Equal(EndedBy.Link, end.By);
        Assert.Contains("within 10 s", end.Reason, StringComparison.Ordinal);
        Assert.Same(end, stream.End);
        Assert.NotNull(peer.SubjectLink.AbortReason);
    }

    [Fact]
    public async Task Without_keep_alive_an_idle_session_says_nothing()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan }, time: _clock);
        await peer.SettleAsync();
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task An_ended_session_leaves_nothing_behind()
    {
        await using ScriptedPeer peer = new(time: _clock);
        List<IMuxedStream> streams = [];
        for (uint i = 1; i < 20; i += 2)
        {
            streams.Add(await peer.OpenAsync(i));
            await peer.SendDataAsync(i, new byte[50_000]);
            streams[^1].Output.GetMemory(100_000);
            streams[^1].Output.Advance(100_000);
        }

        await peer.SettleAsync();
        await peer.Link.Output.CompleteAsync();
        await peer.Subject.Completion.WaitAsync(s_patience);
        Assert.Equal(0, peer.Scope.Memory);
        Assert.Equal(0, _clock.TimerCount);
        foreach (IMuxedStream stream in streams)
        {
            Assert.Equal(50_000, (await OpeningTests.ReadAsync(stream, 50_000)).Length); // what came before the end
            await Assert.ThrowsAsync<ConnectionClosedException>(async () => await stream.Input.ReadAsync());
            await stream.DisposeAsync();
        }

        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task The_script_works_wherever_the_link_splits_it()
    {
        byte[] script =
        [
            .. Encode(Update(FrameFlags.Syn, 1)), .. Encode(Data(FrameFlags.None, 1, 5), "hello"u8.ToArray()),
            .. Encode(Data(FrameFlags.Syn | FrameFlags.Fin, 3, 3), "bye"u8.ToArray()), .. Encode(Ping(FrameFlags.Syn, 7)),
            .. Encode(Data(FrameFlags.Fin, 1, 1), "!"u8.ToArray()), .. Encode(GoAway(0)),
        ];
        for (int split = 0; split <= script.Length; split++)
        {
            await using ScriptedPeer peer = new();
            await peer.SendBytesAsync(script.AsMemory(0, split));
            Task<IMuxedStream> accepting = peer.AcceptAsync();
            await Task.Yield();
            await peer.SendBytesAsync(script.AsMemory(split));
            IMuxedStream first = await accepting;
            IMuxedStream second = await peer.AcceptAsync();
            ReadResult read = await first.Input.ReadAtLeastAsync(7).AsTask().WaitAsync(s_patience);
            Assert.Equal("hello!"u8.ToArray(), System.Buffers.BuffersExtensions.ToArray(read.Buffer));
            Assert.True(read.IsCompleted);
            Assert.Equal("bye"u8.ToArray(), await OpeningTests.ReadAsync(second, 3));
        }
    }

    [Fact]
    public async Task A_link_that_cannot_be_aborted_ends_the_session_all_the_same()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        peer.SubjectLink.ThrowsWhenAborted = true;
        _clock.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(10)); // the timer aborts: what it throws would end the process

        await Assert.ThrowsAsync<ConnectionClosedException>(async () => await stream.Input.ReadAsync());
        Assert.Equal(EndedBy.Link, (await peer.Subject.Completion.WaitAsync(s_patience)).By);
    }

    public static TheoryData<string, byte[]> RemoteEnds() => new()
    {
        { "goodbye", Encode(GoAway(0x1006)) },
        { "reset", Encode(Update(FrameFlags.Rst, 1)) },
        { "violation", Encode(Data(FrameFlags.None, 0, 0)) },
    };

    [Theory]
    [MemberData(nameof(RemoteEnds))]
    public async Task What_came_in_one_batch_with_the_end_can_be_read_as_soon_as_the_end_is_known(string kind, byte[] end)
    {
        await using ScriptedPeer peer = new(scheduler: new InlineScheduler());
        IMuxedStream stream = await peer.OpenAsync(1);
        TaskCompletionSource<long> readable = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stream.Aborted.Register(() =>
        {
            try
            {
                Assert.True(stream.Input.TryRead(out ReadResult read), kind);
                readable.SetResult(read.Buffer.Length);
            }
            catch (Exception exception)
            {
                readable.SetException(exception);
            }
        });
        await peer.SendBytesAsync(new byte[][] { Encode(Data(FrameFlags.None, 1, 5), "hello"u8.ToArray()), end }.SelectMany(part => part).ToArray());
        Assert.Equal(5, await readable.Task.WaitAsync(s_patience));
        stream.Input.Complete();
    }

    /// <summary>The thread pool, but what is scheduled happens at once: before the session goes on to its next step.</summary>
    private sealed class InlineScheduler : NodeScheduler
    {
        public override NodeSynchronizationContext? Context => null;

        public override void Schedule(Action<object?> action, object? state) => action(state);
    }
}
