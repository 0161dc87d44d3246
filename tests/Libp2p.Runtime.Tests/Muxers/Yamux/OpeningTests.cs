using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>Every way in which others open, accept and refuse streams, byte by byte.</summary>
public sealed class OpeningTests
{
    private static readonly byte[] s_body = [1, 2, 3, 4, 5];

    [Fact]
    public async Task A_stream_is_opened_by_a_window_update_and_accepted_by_another()
    {
        await using ScriptedPeer peer = new();
        await peer.SendAsync(Update(FrameFlags.Syn, 1));
        Assert.Empty(await peer.SettleAsync()); // the ACK tells that the application took it
        IMuxedStream stream = await peer.AcceptAsync();
        Assert.Equal([Update(FrameFlags.Ack, 1)], await peer.SettleAsync());
        Assert.Equal(Direction.Inbound, stream.Direction);
    }

    [Fact]
    public async Task A_stream_is_opened_by_data()
    {
        await using ScriptedPeer peer = new();
        await peer.SendDataAsync(1, s_body, FrameFlags.Syn);
        IMuxedStream stream = await peer.AcceptAsync();
        Assert.Equal(s_body, await ReadAsync(stream, 5));
        await peer.SendDataAsync(3, [], FrameFlags.Syn);
        Assert.Equal(3, (await peer.AcceptAsync()).Id);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1000u)]
    [InlineData(uint.MaxValue - Window)]
    public async Task The_credit_of_a_SYN_widens_our_window(uint credit)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1, credit);
        Assert.Equal(Window + credit, Assert.Single(peer.Subject.GetState().Streams).SendWindow);
        Task<FlushResult> writing = stream.Output.WriteAsync(new byte[Window + 1001]).AsTask();
        long received = 0;
        while (received < Math.Min(Window + credit, Window + 1001))
        {
            received += (await peer.ReceiveAsync()).Body.Length;
        }

        Assert.Empty(await peer.SettleAsync());
        if (credit > 1000)
        {
            await writing;
        }
        else
        {
            Assert.False(writing.IsCompleted);
        }
    }

    [Fact]
    public async Task The_credit_of_an_ACK_widens_our_window()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        await peer.Subject.OpenStreamAsync(default);
        await peer.ExpectAsync(Update(FrameFlags.Syn, 1));
        await peer.SendAsync(Update(FrameFlags.Ack, 1, 5000));
        await peer.SettleAsync();
        Assert.Equal(Window + 5000u, Assert.Single(peer.Subject.GetState().Streams).SendWindow);
    }

    [Fact]
    public async Task Our_own_larger_window_is_told_when_a_stream_opens()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { InitialWindow = 2 * Window }, ConnectionRole.Initiator);
        await peer.Subject.OpenStreamAsync(default);
        await peer.ExpectAsync(Update(FrameFlags.Syn, 1, Window));
        await peer.SendAsync(Update(FrameFlags.Syn, 2));
        await peer.AcceptAsync();
        await peer.ExpectAsync(Update(FrameFlags.Ack, 2, Window));
    }

    [Fact]
    public async Task A_stream_may_be_opened_and_ended_in_one_frame()
    {
        await using ScriptedPeer peer = new();
        await peer.SendDataAsync(1, s_body, FrameFlags.Syn | FrameFlags.Fin);
        await peer.SendAsync(Update(FrameFlags.Syn | FrameFlags.Fin, 3));
        IMuxedStream first = await peer.AcceptAsync();
        ReadResult read = await first.Input.ReadAtLeastAsync(6);
        Assert.Equal(5, read.Buffer.Length);
        Assert.True(read.IsCompleted);
        Assert.True((await (await peer.AcceptAsync()).Input.ReadAsync()).IsCompleted);
        Assert.Null(first.End);
    }

    [Fact]
    public async Task A_stream_that_is_opened_and_reset_in_one_frame_is_never_seen()
    {
        await using ScriptedPeer peer = new();
        await peer.SendAsync(Update(FrameFlags.Syn | FrameFlags.Rst, 1), Data(FrameFlags.Syn | FrameFlags.Rst, 3, 0));
        await peer.SendDataAsync(5, s_body, FrameFlags.Syn | FrameFlags.Rst);
        Assert.Empty(await peer.SettleAsync());
        Assert.Equal(0, peer.Subject.StreamCount);
        await peer.OpenAsync(7);
    }

    [Fact]
    public async Task A_stream_that_is_reset_before_it_was_accepted_is_never_seen()
    {
        await using ScriptedPeer peer = new();
        await peer.SendDataAsync(1, s_body, FrameFlags.Syn);
        await peer.SendAsync(Update(FrameFlags.Rst, 1));
        Assert.Empty(await peer.SettleAsync());
        Assert.Equal((0, 0, 0), (peer.Subject.StreamCount, peer.Subject.GetState().WaitingToBeAccepted, peer.Subject.Segments.Rented));
        await peer.OpenAsync(3);
    }

    [Theory]
    [InlineData(FrameType.Data)]
    [InlineData(FrameType.WindowUpdate)]
    internal async Task An_acknowledgement_may_end_the_stream(FrameType type)
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
        await peer.ExpectAsync(Update(FrameFlags.Syn, 1));
        await peer.SendAsync(new FrameHeader(type, FrameFlags.Ack | FrameFlags.Fin, 1, 0));
        Assert.True((await stream.Input.ReadAsync()).IsCompleted);
        Assert.Null(stream.End);
        Assert.Equal(0, peer.Subject.Session.Table.Unacknowledged);
    }

    [Fact]
    public async Task Unknown_flags_mean_nothing()
    {
        await using ScriptedPeer peer = new();
        await peer.SendAsync(Update(FrameFlags.Syn | (FrameFlags)0xfff0, 1));
        await peer.AcceptAsync();
        Assert.Equal([Update(FrameFlags.Ack, 1)], await peer.SettleAsync());
    }

    [Fact]
    public async Task Too_many_streams_of_the_remote_are_reset_one_by_one()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxInboundStreams = 2 });
        IMuxedStream first = await peer.OpenAsync(1);
        await peer.OpenAsync(3);
        await peer.SendDataAsync(5, s_body, FrameFlags.Syn);
        await peer.SendDataAsync(5, s_body); // it does not know yet
        await peer.SendAsync(Update(FrameFlags.Fin, 5));
        Assert.Equal([Update(FrameFlags.Rst, 5, ErrorCode.ResourceLimitExceeded.Value)], await peer.SettleAsync());
        first.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Room"));
        await peer.ExpectAsync(Update(FrameFlags.Rst, 1));
        await peer.OpenAsync(7);
    }

    [Fact]
    public async Task Streams_that_nobody_accepts_are_bounded()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AcceptQueue = 2 });
        await peer.SendAsync(Update(FrameFlags.Syn, 1), Update(FrameFlags.Syn, 3), Update(FrameFlags.Syn, 5));
        Assert.Equal([Update(FrameFlags.Rst, 5, ErrorCode.ResourceLimitExceeded.Value)], await peer.SettleAsync());
        Assert.Equal(1, (await peer.AcceptAsync()).Id);
        await peer.SettleAsync();
        await peer.SendAsync(Update(FrameFlags.Syn, 7));
        Assert.Empty(await peer.SettleAsync());
        Assert.Equal(3, (await peer.AcceptAsync()).Id);
        Assert.Equal(7, (await peer.AcceptAsync()).Id);
    }

    [Fact]
    public async Task Opening_waits_for_acknowledgements()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AckBacklog = 2 }, ConnectionRole.Initiator);
        await peer.Subject.OpenStreamAsync(default);
        IMuxedStream second = await peer.Subject.OpenStreamAsync(default);
        Task<IMuxedStream> third = peer.Subject.OpenStreamAsync(default).AsTask();
        using CancellationTokenSource caller = new();
        Task<IMuxedStream> given = peer.Subject.OpenStreamAsync(caller.Token).AsTask();
        Task<IMuxedStream> fourth = peer.Subject.OpenStreamAsync(default).AsTask();
        Assert.Equal(3, peer.Subject.GetState().WaitingToOpen);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        Assert.Equal([Update(FrameFlags.Syn, 1), Update(FrameFlags.Syn, 3)], await peer.SettleAsync());

        await peer.SendAsync(Update(FrameFlags.Ack, 1), Update(FrameFlags.Ack, 1)); // the second counts nothing
        await third;
        Assert.False(fourth.IsCompleted);
        second.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Given up"));
        await fourth;
        Assert.Equal(
            [Update(FrameFlags.Syn, 5), Update(FrameFlags.Rst, 3), Update(FrameFlags.Syn, 7)], await peer.SettleAsync());
    }

    [Fact]
    public async Task Acknowledgements_that_come_together_let_as_many_streams_be_opened()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AckBacklog = 3 }, ConnectionRole.Initiator);
        for (int i = 0; i < 3; i++)
        {
            await peer.Subject.OpenStreamAsync(default);
        }

        Task<IMuxedStream>[] waiting = [.. Enumerable.Range(0, 4).Select(_ => peer.Subject.OpenStreamAsync(default).AsTask())];
        await peer.SendAsync(Update(FrameFlags.Ack, 1), Update(FrameFlags.Ack, 3), Update(FrameFlags.Ack, 5));
        await Task.WhenAll(waiting[..3]).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.False(waiting[3].IsCompleted);
        Assert.Equal([7, 9, 11], waiting[..3].Select(open => open.Result.Id));
    }

    [Fact]
    public async Task A_reset_counts_as_an_acknowledgement()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AckBacklog = 1 }, ConnectionRole.Initiator);
        IMuxedStream first = await peer.Subject.OpenStreamAsync(default);
        Task<IMuxedStream> second = peer.Subject.OpenStreamAsync(default).AsTask();
        await peer.SendAsync(Update(FrameFlags.Rst, 1, 0x1002));
        Assert.Equal(3, (await second).Id);
        Assert.Equal(ErrorCode.ResourceLimitExceeded, first.End!.Code);
    }

    [Fact]
    public async Task Who_waits_to_open_hears_that_the_connection_ended()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AckBacklog = 1 }, ConnectionRole.Initiator);
        await peer.Subject.OpenStreamAsync(default);
        Task<IMuxedStream> waiting = peer.Subject.OpenStreamAsync(default).AsTask();
        await peer.SendAsync(GoAway(0));
        ConnectionClosedException failure = await Assert.ThrowsAsync<ConnectionClosedException>(() => waiting);
        Assert.Equal(EndedBy.Remote, failure.Reason.By);
    }

    [Fact]
    public async Task Too_many_streams_of_ours_fail()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { MaxOutboundStreams = 1 }, ConnectionRole.Initiator);
        IMuxedStream first = await peer.Subject.OpenStreamAsync(default);
        await Assert.ThrowsAsync<LimitExceededException>(async () => await peer.Subject.OpenStreamAsync(default));
        first.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Room"));
        Assert.Equal(3, (await peer.Subject.OpenStreamAsync(default)).Id);
    }

    [Fact]
    public async Task With_the_default_bounds_opening_waits_for_acknowledgements_and_fails_only_when_they_have_come()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        List<IMuxedStream> open = [];
        while (open.Count < YamuxOptions.Default.AckBacklog)
        {
            open.Add(await peer.Subject.OpenStreamAsync(default));
        }

        Task<IMuxedStream> waiting = peer.Subject.OpenStreamAsync(default).AsTask();
        Assert.False(waiting.IsCompleted);
        open[0].Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Given up")); // never acknowledged, and over
        Assert.Equal(513, (await waiting).Id);

        Task<IMuxedStream> another = peer.Subject.OpenStreamAsync(default).AsTask();
        Assert.False(another.IsCompleted);
        await peer.SendAsync(Update(FrameFlags.Ack, 3));
        await Assert.ThrowsAsync<LimitExceededException>(() => another);
    }

    [Fact]
    public async Task A_turn_to_open_that_cannot_be_used_goes_to_the_next()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AckBacklog = 2, MaxOutboundStreams = 2 }, ConnectionRole.Initiator);
        IMuxedStream first = await peer.Subject.OpenStreamAsync(default);
        await peer.Subject.OpenStreamAsync(default);
        Task<IMuxedStream>[] waiting = [.. Enumerable.Range(0, 3).Select(_ => peer.Subject.OpenStreamAsync(default).AsTask())];

        await peer.SendAsync(Update(FrameFlags.Ack, 3)); // one turn, and two streams are open
        foreach (Task<IMuxedStream> wait in waiting)
        {
            await Assert.ThrowsAsync<LimitExceededException>(() => wait);
        }

        Assert.Equal(0, peer.Subject.GetState().WaitingToOpen);
        first.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Room"));
        Assert.Equal(5, (await peer.Subject.OpenStreamAsync(default)).Id);
    }

    [Fact]
    public async Task SYNs_leave_in_the_order_of_their_numbers_and_before_any_data()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
            await stream.Output.WriteAsync(new byte[10]);
        })));
        uint last = 0;
        int data = 0;
        foreach (FrameHeader frame in await peer.SettleAsync())
        {
            if (frame.Has(FrameFlags.Syn))
            {
                Assert.True(frame.StreamId > last);
                last = frame.StreamId;
            }
            else
            {
                Assert.Equal(Data(FrameFlags.None, frame.StreamId, 10), frame);
                Assert.True(frame.StreamId <= last);
                data++;
            }
        }

        Assert.Equal((399u, 200), (last, data));
    }

    internal static async Task<byte[]> ReadAsync(IMuxedStream stream, int count)
    {
        ReadResult read = await stream.Input.ReadAtLeastAsync(count).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        byte[] bytes = System.Buffers.BuffersExtensions.ToArray(read.Buffer.Slice(0, count));
        stream.Input.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }
}
