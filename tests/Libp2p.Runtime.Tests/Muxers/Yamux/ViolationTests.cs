using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using static Libp2p.Tests.Muxers.Yamux.ScriptedPeer;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>What a remote must not do, and what happens when it does.</summary>
public sealed class ViolationTests
{
    public static TheoryData<string, string> BrokenRules() => new()
    {
        { "010000010000000100000000", "version 1" },
        { "000400010000000100000000", "type 4" },
        { "000100010000000000000000", "stream 0" },
        { "000000000000000000000005", "stream 0" },
        { "000100010000000200000000", "stream 2, whose number is ours" },
        { "000000000000000901000001", "no window is larger" },
    };

    [Theory]
    [MemberData(nameof(BrokenRules))]
    public async Task A_frame_that_breaks_the_rules_ends_the_session(string hex, string message)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendBytesAsync(Convert.FromHexString(hex));
        EndReason end = await peer.ExpectViolationAsync();
        Assert.Contains(message, end.Reason, StringComparison.Ordinal);
        Assert.Same(end, stream.End);
        ConnectionClosedException failure = await Assert.ThrowsAsync<ConnectionClosedException>(async () => await stream.Input.ReadAsync());
        Assert.Equal(EndedBy.Violation, failure.Reason.By);
    }

    [Fact]
    public async Task An_initiators_remote_must_not_open_odd_streams()
    {
        await using ScriptedPeer peer = new(role: ConnectionRole.Initiator);
        await peer.SendAsync(Update(FrameFlags.Syn, 3));
        await peer.ExpectViolationAsync();
    }

    [Fact]
    public async Task A_second_SYN_ends_the_session()
    {
        await using ScriptedPeer peer = new();
        await peer.OpenAsync(1);
        await peer.SendAsync(Update(FrameFlags.Syn, 1));
        Assert.Contains("second SYN for stream 1", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Window + 1, 0)]
    [InlineData(Window / 2, (Window / 2) + 1)]
    [InlineData(Window, 1)]
    public async Task A_frame_beyond_the_window_ends_the_session(int first, int second)
    {
        await using ScriptedPeer peer = new();
        await peer.OpenAsync(1);
        if (second > 0)
        {
            await peer.SendDataAsync(1, new byte[first]);
        }

        await peer.SendAsync(Data(FrameFlags.None, 1, (uint)(second > 0 ? second : first)));
        EndReason end = await peer.ExpectViolationAsync();
        Assert.Contains("stream 1", end.Reason, StringComparison.Ordinal);
        Assert.Contains($"{(second > 0 ? second : first)} bytes", end.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_whole_window_may_come_in_one_frame()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[Window]);
        await OpeningTests.ReadAsync(stream, Window);
        FrameHeader[] credit = [.. (await peer.SettleAsync()).Where(frame => frame.Type != FrameType.Ping)];
        Assert.All(credit, frame => Assert.Equal(Update(FrameFlags.None, 1, frame.Length), frame));
        Assert.Equal(Window, credit.Sum(frame => frame.Length)); // in one piece, or in two where the frame was read in two
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(uint.MaxValue - Window + 1)]
    public async Task Credit_beyond_32_bits_ends_the_session(uint credit)
    {
        await using ScriptedPeer peer = new();
        await peer.OpenAsync(1);
        await peer.SendAsync(Update(FrameFlags.None, 1, credit));
        Assert.Contains($"{credit} bytes of credit on stream 1", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_after_a_FIN_resets_its_stream_only()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendAsync(Data(FrameFlags.Fin, 1, 0), Data(FrameFlags.None, 1, 0));
        Assert.Empty(await peer.SettleAsync());
        await peer.SendDataAsync(1, [1, 2, 3]);
        Assert.Equal([Update(FrameFlags.Rst, 1, ErrorCode.ProtocolViolation.Value)], await peer.SettleAsync());
        Assert.Equal(EndedBy.Violation, stream.End!.By);
        await peer.OpenAsync(3);
    }

    [Fact]
    public async Task Frames_for_streams_that_are_not_open_are_ignored()
    {
        await using ScriptedPeer peer = new();
        await peer.SendDataAsync(1, new byte[100_000]);
        await peer.SendAsync(
            Update(FrameFlags.None, 3, 1000), Update(FrameFlags.Fin, 5), Update(FrameFlags.Rst, 7, 1), Update(FrameFlags.Ack, 2), Data(FrameFlags.Fin, 9, 0));
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task After_our_reset_what_was_on_its_way_is_drained()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        stream.Reset(new EndReason(EndedBy.Local, new ErrorCode(77), "Enough"));
        await peer.ExpectAsync(Update(FrameFlags.Rst, 1, 77));
        await peer.SendDataAsync(1, new byte[200_000]);
        await peer.SendAsync(Update(FrameFlags.None, 1, 1000), Data(FrameFlags.Fin, 1, 0), Update(FrameFlags.Rst, 1, 5));
        Assert.Empty(await peer.SettleAsync());
        Assert.Equal(new ErrorCode(77), stream.End!.Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_of_the_remote_is_not_answered(bool asData)
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[1000]);
        await peer.SendAsync(asData ? Data(FrameFlags.Rst, 1, 0) : Update(FrameFlags.Rst, 1, 0x1001));
        Assert.Empty(await peer.SettleAsync());
        Assert.Equal(asData ? 0u : 0x1001u, stream.End!.Code.Value);
        ReadResult before = await stream.Input.ReadAsync(); // what came first is read first
        Assert.Equal(1000, before.Buffer.Length);
        stream.Input.AdvanceTo(before.Buffer.End);
        await Assert.ThrowsAsync<StreamResetException>(async () => await stream.Input.ReadAsync());
        Assert.Equal(0, peer.Subject.Segments.Rented);
        await stream.DisposeAsync();
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task What_came_before_a_reset_of_the_remote_goes_with_our_own()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await peer.SendDataAsync(1, new byte[1000]);
        await peer.SendAsync(Update(FrameFlags.Rst, 1));
        Assert.Empty(await peer.SettleAsync());
        stream.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Enough"));
        await Assert.ThrowsAsync<StreamResetException>(async () => await stream.Input.ReadAsync());
        Assert.Equal(0, peer.Subject.Segments.Rented);
    }

    [Fact]
    public async Task What_was_flushed_goes_before_our_reset()
    {
        await using ScriptedPeer peer = new();
        IMuxedStream stream = await peer.OpenAsync(1);
        await stream.Output.WriteAsync(new byte[10]);
        stream.Reset(new EndReason(EndedBy.Local, new ErrorCode(7), "Enough"));
        await peer.ExpectAsync(Data(FrameFlags.None, 1, 10));
        await peer.ExpectAsync(Update(FrameFlags.Rst, 1, 7));
    }

    [Fact]
    public async Task A_flood_of_pings_ends_the_session()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { Pings = new RateLimit(Burst: 50, PerSecond: 1) });
        await peer.SendAsync([.. Enumerable.Range(0, 200).Select(i => Ping(FrameFlags.Syn, (uint)i))]);
        Assert.Contains("Pings", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FrameFlags.Syn | FrameFlags.Rst)]
    [InlineData(FrameFlags.Syn)]
    internal async Task A_flood_of_streams_that_are_reset_ends_the_session(FrameFlags open)
    {
        await using ScriptedPeer peer = new(new YamuxOptions { Resets = new RateLimit(Burst: 100, PerSecond: 1) });
        for (uint i = 0; i < 200; i++)
        {
            await peer.SendAsync(Update(open, (2 * i) + 1), Update(FrameFlags.Rst, (2 * i) + 1));
        }

        Assert.Contains("opened to be reset", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(0, peer.Subject.StreamCount);
    }

    [Fact]
    public async Task A_flood_of_streams_beyond_the_limit_ends_the_session()
    {
        await using ScriptedPeer peer = new(new YamuxOptions { AcceptQueue = 1, Resets = new RateLimit(Burst: 100, PerSecond: 1) });
        await peer.SendAsync([.. Enumerable.Range(0, 200).Select(i => Update(FrameFlags.Syn, (uint)(2 * i) + 1))]);
        Assert.Contains("beyond the limit", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    public static TheoryData<string> TinyFrames() =>
    [
        "000000000000000100000000", // data without a byte
        "00000000000000010000000101", // data of one byte
        "000100000000000100000001", // credit of one byte
        "000100000000000900000400", // credit for a stream that is not open
        "000100020000000100000000", // an ACK for a stream that we did not open
        "000000040000000100000000", // a FIN, again and again
        "000200020000000000000009", // a pong that nobody asked for
        "000300000000000000000000", // goodbye, again and again
    ];

    [Theory]
    [MemberData(nameof(TinyFrames))]
    public async Task A_flood_of_tiny_frames_ends_the_session(string hex)
    {
        await using ScriptedPeer peer = new(new YamuxOptions { TinyFrames = new RateLimit(Burst: 1000, PerSecond: 1) });
        await peer.OpenAsync(1);
        byte[] frame = Convert.FromHexString(hex);
        await peer.SendBytesAsync(Enumerable.Repeat(frame, 2000).SelectMany(bytes => bytes).ToArray());
        Assert.Contains("more than 1000 at once", (await peer.ExpectViolationAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pongs_that_nobody_asked_for_are_ignored_and_none_is_sent()
    {
        await using ScriptedPeer peer = new();
        await peer.SendAsync(Ping(FrameFlags.Ack, 1), Ping(FrameFlags.None, 2));
        Assert.Empty(await peer.SettleAsync());
    }

    [Fact]
    public async Task Garbage_ends_the_session_and_nothing_else()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            await using ScriptedPeer peer = new(role: seed % 2 == 0 ? ConnectionRole.Initiator : ConnectionRole.Responder);
            Random random = new(seed);
            IMuxedStream stream = await peer.Subject.OpenStreamAsync(default);
            Task<IMuxedStream?> accepting = peer.Subject.AcceptStreamAsync(default).AsTask();
            for (int i = 0; i < 50; i++)
            {
                byte[] frame = new byte[12 + random.Next(40)];
                random.NextBytes(frame);
                if (random.Next(10) > 0)
                {
                    // Mostly well-formed frames in a senseless order.
                    new FrameHeader(
                        (FrameType)random.Next(2), (FrameFlags)random.Next(16), (uint)random.Next(1, 8), (uint)frame.Length - 12).Write(frame);
                }

                await peer.SendBytesAsync(frame);
            }

            await peer.Link.Output.CompleteAsync();
            EndReason end = await peer.Subject.Completion.WaitAsync(TimeSpan.FromSeconds(20));
            Assert.True(end.By is EndedBy.Violation or EndedBy.Remote or EndedBy.Link, end.ToString());
            await accepting;
            await stream.DisposeAsync();
        }
    }
}
