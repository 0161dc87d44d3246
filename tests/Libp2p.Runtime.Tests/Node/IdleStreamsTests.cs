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

    [Fact]
    public void A_stream_may_be_kept_for_months_or_without_end()
    {
        P2PStream months = Stream("/a/1.1.0");
        P2PStream forever = Stream("/b/1.0.0");
        StreamRequest endless = new(["/b/1.0.0"]) { ReuseIdle = TimeSpan.MaxValue };
        _idle.Give(months, s_any with { ReuseIdle = TimeSpan.FromDays(60) });
        _idle.Give(forever, endless);

        _clock.Advance(TimeSpan.FromDays(60) - TimeSpan.FromSeconds(1));
        Assert.Equal(2, _idle.Ids.Count);
        _clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal([forever.Id], _idle.Ids);
        Assert.Same(forever, _idle.TryTake(endless));
        Assert.Equal(0, _clock.TimerCount);
    }

    private P2PStream Stream(string protocol) => new(new InMemoryStreamPair().Initiator, protocol, null, _clock);
}
