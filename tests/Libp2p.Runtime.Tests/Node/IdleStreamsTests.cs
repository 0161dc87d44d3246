using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Node.Streams;
using Libp2p.Scheduling;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

public sealed class IdleStreamsTests
{
    private static readonly StreamRequest s_any = new(["/a/1.1.0", "/a/1.0.0"]) { ReuseIdle = TimeSpan.FromSeconds(5) };

    private readonly ManualClock _clock = new();
    private readonly IdleStreams _idle;

    public IdleStreamsTests() => _idle = new IdleStreams(_clock, new TaskSet());

    [Fact]
    public void A_stream_of_an_older_id_serves_no_operation_that_is_newer()
    {
        P2PStream old = Stream("/a/1.0.0");
        _idle.Give(old, s_any);

        Assert.Null(_idle.TryTake(new StreamRequest(["/a/1.1.0"]) { ReuseIdle = s_any.ReuseIdle }));
        Assert.Same(old, _idle.TryTake(s_any));
        Assert.Null(_idle.TryTake(s_any));
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public void The_stream_that_was_given_back_last_is_taken_first_and_one_that_was_reset_never()
    {
        P2PStream[] streams = [Stream("/a/1.1.0"), Stream("/a/1.1.0"), Stream("/a/1.0.0")];
        Array.ForEach(streams, stream => _idle.Give(stream, s_any));
        streams[1].Reset();

        Assert.Same(streams[2], _idle.TryTake(s_any));
        Assert.Same(streams[0], _idle.TryTake(s_any));
        Assert.Null(_idle.TryTake(s_any));
    }

    [Fact]
    public void Each_stream_is_ended_when_it_was_idle_for_its_time()
    {
        P2PStream first = Stream("/a/1.1.0");
        _idle.Give(first, s_any);
        _clock.Advance(TimeSpan.FromSeconds(3));
        P2PStream second = Stream("/a/1.1.0");
        _idle.Give(second, s_any);

        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal([second.Id], _idle.Ids);
        Assert.Same(second, _idle.TryTake(s_any));
        Assert.Throws<InvalidOperationException>(() => first.Input.AdvanceTo(default)); // disposed of
        Assert.Equal(0, _clock.TimerCount);
    }

    [Theory]
    [InlineData(60.0)]
    [InlineData(24855.0)] // int.MaxValue seconds, the most that a declaration can say
    public void A_time_beyond_what_a_timer_waits_is_kept(double days)
    {
        StreamRequest patient = s_any with { ReuseIdle = TimeSpan.FromDays(days) };
        P2PStream stream = Stream("/a/1.1.0");
        _idle.Give(stream, patient);

        _clock.Advance(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(1));
        Assert.Equal([stream.Id], _idle.Ids);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(_idle.Ids);
    }

    [Fact]
    public void A_stream_without_a_bound_is_kept()
    {
        StreamRequest forever = s_any with { ReuseIdle = TimeSpan.MaxValue }; // what Seconds.Unbounded is made of
        P2PStream stream = Stream("/a/1.1.0");
        _idle.Give(stream, forever);

        _clock.Advance(TimeSpan.FromDays(36_500));

        Assert.Same(stream, _idle.TryTake(forever));
        Assert.Equal(0, _clock.TimerCount);
    }

    [Fact]
    public void No_timer_of_the_platform_is_asked_for_more_than_it_can_wait()
    {
        IdleStreams idle = new(TimeProvider.System, new TaskSet());
        foreach (TimeSpan time in new[] { TimeSpan.FromDays(60), TimeSpan.MaxValue })
        {
            StreamRequest patient = s_any with { ReuseIdle = time };
            P2PStream stream = Stream("/a/1.1.0");
            idle.Give(stream, patient);

            Assert.Same(stream, idle.TryTake(patient));
        }
    }

    private P2PStream Stream(string protocol) => new(new InMemoryStreamPair().Initiator, protocol, null, _clock);
}
