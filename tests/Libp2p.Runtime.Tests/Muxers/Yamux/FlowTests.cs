using System.IO.Pipelines;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit.Scheduling;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Credit in both directions, and the ends of streams on the wire.</summary>
public sealed class FlowTests
{
    private const int Half = Window / 2;

    private static readonly EndReason s_enough = new(EndedBy.Local, new ErrorCode(0x1_0001), "Enough");

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Credit_is_sent_when_half_the_window_was_consumed()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Half]);
        Assert.Empty(await peer.SettleAsync());
        await OpeningTests.ReadAsync(stream, Half - 1);
        Assert.Empty(await peer.SettleAsync());
        await OpeningTests.ReadAsync(stream, 1);
        Assert.Equal([Ping(FrameFlags.Syn, 1), Update(FrameFlags.None, 1, Half)], await peer.SettleAsync());
    }

    [Fact]
    public async Task What_is_examined_is_not_credited()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Half]);
        ReadResult read = await stream.Input.ReadAtLeastAsync(Half);
        stream.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task A_window_doubles_when_its_reader_is_fast()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxWindow = 4 * Window }, time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        await PassAsync(Half, []);
        await peer.ExpectAsync(Ping(FrameFlags.Syn, 1));
        await peer.ExpectAsync(Update(FrameFlags.None, 1, Half));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await peer.SendAsync(Ping(FrameFlags.Ack, 1));
        await peer.SettleAsync();
        Assert.Equal(TimeSpan.FromMilliseconds(100), peer.Subject.GetState().RoundTrip);

        await PassAsync(Half, []); // this half began before the round trip was known, and took no time
        await peer.ExpectAsync(Update(FrameFlags.None, 1, Half + Window));
        _clock.Advance(TimeSpan.FromMilliseconds(399));
        await PassAsync(Window, [Update(FrameFlags.None, 1, Window + (2 * Window))]);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await PassAsync(2 * Window, [Update(FrameFlags.None, 1, 2 * Window)]); // as large as it may be
        Assert.Equal(4 * Window, Assert.Single(peer.Subject.Session.Table.Streams).ReceiveWindow.Size);
        Assert.True(peer.Scope.Memory >= 3 * Window);

        stream.Reset(s_enough);
        await peer.SettleAsync();
        Assert.Equal(0, peer.Subject.Memory.Used);

        async Task PassAsync(int bytes, FrameHeader[] expected)
        {
            await peer.SendDataAsync(1, new byte[bytes]);
            await OpeningTests.ReadAsync(stream, bytes);
            foreach (FrameHeader frame in expected)
            {
                await peer.ExpectAsync(frame);
            }
        }
    }

    [Theory]
    [InlineData(401, long.MaxValue, 64 * 1024 * 1024)] // its reader is slow
    [InlineData(1, Window, 64 * 1024 * 1024)] // the scope has no memory
    [InlineData(1, long.MaxValue, Half)] // the connection's windows are large enough
    public async Task A_window_does_not_double(int milliseconds, long scopeLimit, long maxGrowth)
    {
        TestScope scope = new();
        await using ScriptedPeer peer = new(new YamuxOptions { MaxWindowGrowth = maxGrowth }, time: _clock, scope: scope);
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Half]);
        await OpeningTests.ReadAsync(stream, Half);
        await peer.ExpectAsync(Ping(FrameFlags.Syn, 1));
        await peer.ExpectAsync(Update(FrameFlags.None, 1, Half));
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        await peer.SendAsync(Ping(FrameFlags.Ack, 1));
        await peer.SettleAsync();

        scope.Limit = scopeLimit;
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await peer.SendDataAsync(1, new byte[Half + 1]);
        await OpeningTests.ReadAsync(stream, Half);
        await peer.ExpectAsync(Update(FrameFlags.None, 1, Half));
        scope.Limit = long.MaxValue;
    }

    [Fact]
    public async Task Data_is_sent_in_frames_and_never_beyond_the_window()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxFrameBody = 10_000 });
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[Window + 15_000]).AsTask();
        List<FrameHeader> frames = await peer.SettleAsync();
        Assert.All(frames, frame => Assert.True(frame.Length <= 10_000));
        Assert.Equal(Window, frames.Sum(frame => frame.Length));
        Assert.False(writing.IsCompleted);
        await peer.SendAsync(Update(FrameFlags.None, 1, 14_000));
        Assert.Equal([Data(FrameFlags.None, 1, 10_000), Data(FrameFlags.None, 1, 4_000)], await peer.SettleAsync());
        Assert.False(writing.IsCompleted);
        await peer.SendAsync(Update(FrameFlags.None, 1, 2_000));
        Assert.Equal([Data(FrameFlags.None, 1, 1_000)], await peer.SettleAsync());
        await writing;
        Assert.Equal(1_000u, Assert.Single(peer.Subject.GetState().Streams).SendWindow);
        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task The_FIN_follows_the_data_also_through_a_shut_window()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        stream.Output.GetMemory(Window + 10);
        stream.Output.Advance(Window + 10);
        Task closing = stream.CloseWriteAsync(default).AsTask();
        Assert.Equal(Window, (await peer.SettleAsync()).Sum(frame => frame.Length));
        Assert.False(closing.IsCompleted);
        await peer.SendAsync(Update(FrameFlags.None, 1, 100));
        Assert.Equal([Data(FrameFlags.None, 1, 10), Update(FrameFlags.Fin, 1)], await peer.SettleAsync());
        await closing;
        await peer.SendAsync(Update(FrameFlags.Fin, 1));
        await peer.SettleAsync();
        Assert.True(stream.End!.IsClean);
        Assert.Equal(EndedBy.Remote, stream.End.By);
    }

    [Fact]
    public async Task A_reset_drops_what_was_not_sent_and_carries_its_code()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        stream.Output.GetMemory(2 * Window);
        stream.Output.Advance(2 * Window);
        Task<FlushResult> flushing = stream.Output.FlushAsync().AsTask();
        await peer.SettleAsync();
        stream.Reset(s_enough);
        await Assert.ThrowsAsync<StreamResetException>(() => flushing);
        Assert.Equal([Update(FrameFlags.Rst, 1, 0x1_0001)], await peer.SettleAsync());
        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task Refusing_to_read_credits_what_comes()
    {
        await using ScriptedPeer peer = new(time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Half + 1]);
        await peer.SettleAsync();
        stream.CloseRead(ErrorCode.None);
        Assert.Equal([Update(FrameFlags.None, 1, Half + 1)], await peer.SettleAsync());
        await peer.SendDataAsync(1, new byte[Window]);
        Assert.Equal([Update(FrameFlags.None, 1, Window)], await peer.SettleAsync());
        Assert.Equal(0, peer.Subject.Segments.Rented);
        Assert.Null(stream.End);
    }

    [Fact]
    public async Task A_stream_that_is_finished_with_takes_a_little_more_and_resets_when_the_remote_stays_stuck()
    {
        await using ScriptedPeer peer = new(
            new YamuxOptions { StuckStreamTimeout = TimeSpan.FromSeconds(1), KeepAliveInterval = Timeout.InfiniteTimeSpan }, time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        stream.CloseRead(new ErrorCode(0x1_0002));
        await stream.DisposeAsync();
        await peer.ExpectAsync(Update(FrameFlags.Fin, 1));
        await peer.SendDataAsync(1, new byte[Half - 1]);
        Assert.Empty(await peer.SettleAsync()); // a RST would take from the remote what it has not read yet
        Assert.Equal(1, peer.Subject.Session.Lingering);
        await peer.SendDataAsync(1, new byte[1]);
        Assert.Empty(await peer.SettleAsync()); // no credit either: the remote waits
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([Update(FrameFlags.Rst, 1, 0x1_0002)], await peer.SettleAsync());
        Assert.Equal(0, peer.Subject.StreamCount);
        Assert.Equal(EndedBy.Limit, stream.End!.By);
    }

    [Fact]
    public async Task A_stream_that_is_finished_with_waits_for_the_remote_and_not_for_ever()
    {
        await using ScriptedPeer peer = new(
            new YamuxOptions { StreamCloseTimeout = TimeSpan.FromSeconds(60), KeepAliveInterval = Timeout.InfiniteTimeSpan }, time: _clock);
        IMuxedStream first = await peer.OpenAsync(1);
        IMuxedStream second = await peer.OpenAsync(3);
        await first.DisposeAsync();
        await peer.ExpectAsync(Update(FrameFlags.Fin, 1));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await second.DisposeAsync();
        await peer.ExpectAsync(Update(FrameFlags.Fin, 3));
        _clock.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await peer.SettleAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([Update(FrameFlags.Rst, 1)], await peer.SettleAsync());
        Assert.Equal(EndedBy.Limit, first.End!.By);
        await peer.SendAsync(Update(FrameFlags.Fin, 3));
        await peer.SettleAsync();
        Assert.True(second.End!.IsClean);
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task A_reader_that_wants_more_than_the_window_widens_it()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxWindow = 2 * Window }, time: _clock);
        IMuxedStream stream = await peer.OpenAsync(1);
        Task<ReadResult> reading = stream.Input.ReadAtLeastAsync(3 * Window).AsTask();
        await peer.SendDataAsync(1, new byte[Window]);
        await peer.ExpectAsync(Update(FrameFlags.None, 1, Window));
        await peer.SendDataAsync(1, new byte[Window]);
        await peer.ExpectAsync(Update(FrameFlags.Rst, 1, ErrorCode.ResourceLimitExceeded.Value));
        StreamResetException failure = await Assert.ThrowsAsync<StreamResetException>(() => reading);
        Assert.Equal(EndedBy.Limit, failure.Reason.By);
        Assert.Contains($"{2 * Window} bytes at once", failure.Reason.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_memory_a_stream_is_reset_and_the_others_go_on()
    {
        TestScope scope = new();
        await using ScriptedPeer peer = new(scope: scope);
        IMuxedStream full = await peer.OpenAsync(1);
        IMuxedStream stream = await peer.OpenAsync(5);
        await peer.SendDataAsync(1, new byte[200_000]);
        await peer.SettleAsync();
        scope.Limit = 0; // one block is taken, and there are some bytes left in it
        await peer.SendDataAsync(5, new byte[100_000]);
        Assert.Equal([Update(FrameFlags.Rst, 5, ErrorCode.ResourceLimitExceeded.Value)], await peer.SettleAsync());
        Assert.Equal(EndedBy.Limit, stream.End!.By);
        Assert.Null(full.End);
        scope.Limit = long.MaxValue;
        IMuxedStream other = await peer.OpenAsync(3);
        await peer.SendDataAsync(3, "fine"u8.ToArray());
        Assert.Equal("fine"u8.ToArray(), await OpeningTests.ReadAsync(other, 4));
    }

    [Fact]
    public async Task An_idle_stream_holds_no_buffers()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        for (int i = 0; i < 10; i++)
        {
            await peer.SendDataAsync(1, new byte[10_000]);
            await OpeningTests.ReadAsync(stream, 10_000);
            await stream.Output.WriteAsync(new byte[10_000]);
            await peer.SettleAsync();
            Assert.Equal(0, peer.Subject.Segments.Rented);
            Assert.Equal(0, peer.Subject.Memory.Used);
        }
    }

    [Fact]
    public async Task A_remote_that_never_reads_makes_little_grow()
    {
        await using ScriptedPeer peer = new(
            new YamuxOptions { Pings = new RateLimit(10_000, 1), AcceptQueue = 1 }, linkCapacity: 100);
        await peer.SendAsync(Update(FrameFlags.Syn, 1));
        IMuxedStream stream = await peer.AcceptAsync();
        await WaitUntilAsync(() => peer.SubjectLink.Output.UnflushedBytes == 0);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[3 * Window]).AsTask();
        for (uint i = 0; i < 5000; i++)
        {
            await peer.SendAsync(Ping(FrameFlags.Syn, i));
        }

        await peer.SendDataAsync(1, [1]);
        await OpeningTests.ReadAsync(stream, 1); // the reader has done with the pings
        Assert.False(writing.IsCompleted);
        int perQueue = YamuxOptions.Default.SendQueue / (64 * 1024);
        Assert.InRange(peer.Subject.Segments.Rented, 1, (2 * perQueue) + 1); // what was taken, and the part that waits
        int pongs = 0;
        FrameHeader last = default;
        await peer.SendAsync(Ping(FrameFlags.Syn, 99_999)); // unanswered too
        await peer.SendAsync(Update(FrameFlags.Syn, 3), Update(FrameFlags.Syn, 5));
        while (!(last.StreamId == 5 && last.Has(FrameFlags.Rst)))
        {
            (last, _) = await peer.ReceiveAsync();
            pongs += last.Type == FrameType.Ping ? 1 : 0;
        }

        Assert.InRange(pongs, 1, 2 * YamuxSession.MaxPongs); // those of the batch that was stuck, and those that waited
        Assert.False(writing.IsCompleted);
    }

    [Fact]
    public async Task A_remote_that_reads_no_refusals_is_let_go()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AcceptQueue = 1 }, linkCapacity: 100);
        for (uint i = 0; i < 3000 && !peer.Subject.Completion.IsCompleted; i++)
        {
            await peer.SendAsync(Update(FrameFlags.Syn, (2 * i) + 1));
        }

        Assert.Contains("refusals wait", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
