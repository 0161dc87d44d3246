using Libp2p.Connections;
using Libp2p.Muxers.Yamux;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Muxers.Yamux;

public sealed class GuardTests
{
    private const int KiB = 1024;

    private readonly ManualClock _clock = new();

    [Fact]
    public void A_bucket_gives_its_burst_and_then_its_rate()
    {
        TokenBucket bucket = new(new RateLimit(Burst: 3, PerSecond: 2), _clock.TimestampFrequency, _clock.GetTimestamp());
        Assert.Equal([true, true, true, false, false], Take(5));
        _clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.Equal([false], Take(1));
        _clock.Advance(TimeSpan.FromMilliseconds(501));
        Assert.Equal([true, true, false], Take(3));
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([true, true, true, false], Take(4));

        bool[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => bucket.TryTake(_clock.GetTimestamp()))];
    }

    [Fact]
    public void Memory_is_taken_from_the_scope_in_blocks_and_given_back()
    {
        TestScope scope = new();
        MemoryAccount account = new(scope, maxGrowth: 0, maxQueued: 0);
        Assert.True(account.TryTake(1));
        Assert.Equal(256 * KiB, scope.Memory);
        Assert.True(account.TryTake((256 * KiB) - 1));
        Assert.Equal(256 * KiB, scope.Memory);
        Assert.True(account.TryTake(600 * KiB));
        Assert.Equal(1024 * KiB, scope.Memory);
        account.Return(600 * KiB);
        Assert.Equal(512 * KiB, scope.Memory); // one block is kept
        account.Return(256 * KiB);
        Assert.Equal(256 * KiB, scope.Memory);
        account.Trim();
        Assert.Equal(0, scope.Memory);
    }

    [Fact]
    public void Memory_that_the_scope_refuses_is_not_taken()
    {
        TestScope scope = new(limit: 256 * KiB);
        MemoryAccount account = new(scope, maxGrowth: 10_000 * KiB, maxQueued: 0);
        Assert.True(account.TryTake(200 * KiB));
        Assert.False(account.TryTake(100 * KiB));
        Assert.False(account.TryGrow(100 * KiB));
        Assert.Equal(200 * KiB, account.Used);
        Assert.True(account.TryTake(56 * KiB));
    }

    [Fact]
    public void Windows_grow_within_the_connections_budget()
    {
        MemoryAccount account = new(new TestScope(), maxGrowth: 300 * KiB, maxQueued: 0);
        Assert.True(account.TryGrow(200 * KiB));
        Assert.False(account.TryGrow(200 * KiB));
        account.ReturnGrowth(200 * KiB);
        Assert.True(account.TryGrow(300 * KiB));
    }

    [Fact]
    public void A_closed_account_has_given_everything_back()
    {
        TestScope scope = new();
        MemoryAccount account = new(scope, maxGrowth: 1000 * KiB, maxQueued: 0);
        account.TryTake(10);
        account.TryGrow(300 * KiB);
        account.Close();
        Assert.Equal(0, scope.Memory);
        Assert.False(account.TryTake(1));
        account.Return(10);
        account.ReturnGrowth(300 * KiB);
        account.Close();
        Assert.Equal(0, scope.Memory);
    }

    [Fact]
    public void A_heart_pings_after_silence_and_gives_up_without_an_answer()
    {
        Heartbeat heart = new(interval: 30, timeout: 10, now: 0);
        Assert.Equal(30, heart.Due);
        Assert.Equal(HeartbeatStep.None, heart.OnTimer(30, heard: true, out _));
        Assert.Equal(60, heart.Due);
        Assert.Equal(HeartbeatStep.Ping, heart.OnTimer(60, heard: false, out uint value));
        Assert.Equal(70, heart.Due);
        Assert.False(heart.TryBegin(61, out _)); // one at a time
        Assert.False(heart.OnPong(value + 1, 65));
        Assert.True(heart.OnPong(value, 65));
        Assert.Equal(95, heart.Due);
        Assert.False(heart.OnPong(value, 66)); // asked once, answered once
        heart.OnTimer(95, heard: false, out _);
        Assert.Equal(HeartbeatStep.Dead, heart.OnTimer(105, heard: false, out _));
    }

    [Fact]
    public void A_remote_that_sends_but_answers_no_ping_gets_more_time_but_not_for_ever()
    {
        Heartbeat heart = new(interval: 30, timeout: 10, now: 0);
        heart.OnTimer(30, heard: false, out _);
        for (int i = 1; i <= Heartbeat.MaxExtensions; i++)
        {
            Assert.Equal(HeartbeatStep.None, heart.OnTimer(30 + (10 * i), heard: true, out _));
        }

        Assert.Equal(HeartbeatStep.Dead, heart.OnTimer(70, heard: true, out _));
    }

    [Fact]
    public void The_round_trip_is_smoothed()
    {
        Heartbeat heart = new(interval: long.MaxValue, timeout: 1000, now: 0);
        Assert.Equal(long.MaxValue, heart.Due);
        Assert.Equal(0, heart.RoundTrip);
        Assert.Equal([100, 125, 94], [Measure(100), Measure(200), Measure(0)]);

        long Measure(int took)
        {
            Assert.True(heart.TryBegin(5000, out uint value));
            heart.OnPong(value, 5000 + took);
            return heart.RoundTrip;
        }
    }

    [Fact]
    public void Stream_states_end_when_both_directions_have()
    {
        YamuxStreamState ours = default;
        Assert.True(ours.TryCloseWrite());
        Assert.False(ours.TryCloseWrite());
        Assert.True(ours.IsFinDue);
        Assert.False(ours.FinWritten());
        Assert.False(ours.IsFinDue);
        Assert.True(ours.TryReceiveFin());
        Assert.False(ours.TryReceiveFin());
        Assert.True(ours.IsOver);
        Assert.False(ours.TryEnd());

        YamuxStreamState theirs = default;
        Assert.True(theirs.TryReceiveFin());
        Assert.False(theirs.IsOver);
        theirs.TryCloseWrite();
        Assert.True(theirs.FinWritten());
        Assert.True(theirs.IsOver);

        YamuxStreamState ended = default;
        Assert.True(ended.TryEnd());
        Assert.False(ended.TryCloseWrite());
        Assert.True(ended.WriteClosed);
        Assert.False(ended.IsFinDue); // no FIN behind half of an answer

        YamuxStreamState lingering = default;
        lingering.TryCloseWrite();
        Assert.False(lingering.IsLingering);
        Assert.True(lingering.TryCloseRead());
        Assert.False(lingering.TryCloseRead());
        Assert.True(lingering.IsLingering);
        Assert.True(lingering.TryEnd());
        Assert.False(lingering.IsLingering);
        Assert.False(lingering.TryReceiveFin());
        Assert.False(lingering.TryCloseWrite());
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator, 1u, uint.MaxValue)]
    [InlineData(ConnectionRole.Responder, 2u, uint.MaxValue - 1)]
    public void Stream_numbers_follow_the_role_and_run_out(ConnectionRole role, uint first, uint last)
    {
        StreamTable table = new(role, YamuxOptions.Default);
        Assert.Equal([first, first + 2], [table.TakeId(), table.TakeId()]);
        table.NextId = last;
        Assert.Equal(OpenAnswer.Yes, table.AskToOpen());
        Assert.Equal(last, table.TakeId());
        Assert.Equal(OpenAnswer.Exhausted, table.AskToOpen());
        Assert.True(table.AskToAdmit(first + 1));
        Assert.Throws<ProtocolViolationException>(() => table.AskToAdmit(first));
    }

    [Fact]
    public void Options_are_checked_where_a_muxer_is_made()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new YamuxMuxer(new YamuxOptions { InitialWindow = 1000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new YamuxMuxer(new YamuxOptions { MaxWindow = 1000 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new YamuxMuxer(new YamuxOptions { MaxFrameBody = 2 << 20 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new YamuxMuxer(new YamuxOptions { SendQueue = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new YamuxMuxer(new YamuxOptions { KeepAliveInterval = TimeSpan.Zero }));
        Assert.NotNull(new YamuxMuxer(new YamuxOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan }));
    }
}
