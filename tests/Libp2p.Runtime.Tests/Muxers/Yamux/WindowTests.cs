using Libp2p.Muxers.Yamux;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Muxers.Yamux;

public sealed class WindowTests
{
    private readonly ManualClock _clock = new();

    [Theory]
    [InlineData(100u, 0u, true)]
    [InlineData(100u, uint.MaxValue - 100, true)]
    [InlineData(100u, uint.MaxValue - 99, false)]
    [InlineData(0u, uint.MaxValue, true)]
    [InlineData(uint.MaxValue, 1u, false)]
    public void A_send_window_never_passes_32_bits(uint window, uint credit, bool fits)
    {
        SendWindow send = new(window);
        Assert.Equal(fits, send.TryGrant(credit));
        Assert.Equal(fits ? window + credit : window, send.Available);
    }

    [Fact]
    public void What_is_sent_leaves_the_send_window()
    {
        SendWindow send = new(100);
        send.Take(60);
        Assert.Equal(40u, send.Available);
        Assert.Throws<OverflowException>(() => send.Take(41));
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1000u, true)]
    [InlineData(1001u, false)]
    [InlineData(uint.MaxValue, false)]
    public void A_frame_longer_than_what_is_left_overruns(uint length, bool fits)
    {
        ReceiveWindow window = new(1000);
        Assert.Equal(fits, window.TryReceive(length, _clock.GetTimestamp()));
        Assert.Equal(fits ? 1000 - (int)length : 1000, window.Left);
    }

    [Theory]
    [InlineData(499, false)]
    [InlineData(500, true)]
    [InlineData(1000, true)]
    public void Credit_is_due_when_half_was_consumed(int consumed, bool due)
    {
        ReceiveWindow window = new(1000);
        window.TryReceive(1000, _clock.GetTimestamp());
        window.Consume(consumed);
        Assert.Equal(due, window.IsCreditDue);
        Assert.Equal((uint)consumed, window.TakeCredit(_clock.GetTimestamp()));
        Assert.Equal(consumed, window.Left);
        Assert.False(window.IsCreditDue);
    }

    [Theory]
    [InlineData(39, 10, 1000)] // half a window in less than four round trips: double
    [InlineData(40, 10, 0)]
    [InlineData(0, 0, 0)] // the round trip is not known
    public void It_wants_to_double_when_half_went_in_four_round_trips(int elapsed, int roundTrip, int growth)
    {
        ReceiveWindow window = new(1000);
        window.TryReceive(500, _clock.GetTimestamp());
        _clock.Advance(TimeSpan.FromMilliseconds(elapsed));
        window.Consume(500);
        Assert.Equal(growth, window.WantedGrowth(_clock.GetTimestamp(), TimeSpan.FromMilliseconds(roundTrip).Ticks, max: 10_000));
    }

    [Fact]
    public void It_grows_to_its_maximum_and_no_further()
    {
        ReceiveWindow window = new(1000);
        window.TryReceive(1000, _clock.GetTimestamp());
        int[] growths = new int[5];
        for (int i = 0; i < growths.Length; i++)
        {
            window.Consume(window.Size - window.Left - window.Owed);
            growths[i] = window.WantedGrowth(_clock.GetTimestamp(), roundTrip: 1, max: 5000);
            window.Grow(growths[i]);
            window.TakeCredit(_clock.GetTimestamp());
            Assert.Equal(window.Size, window.Left);
            window.TryReceive((uint)window.Left, _clock.GetTimestamp());
        }

        Assert.Equal([1000, 2000, 1000, 0, 0], growths);
    }

    [Fact]
    public void The_time_before_the_first_byte_does_not_count()
    {
        ReceiveWindow window = new(1000);
        _clock.Advance(TimeSpan.FromHours(1));
        window.TryReceive(500, _clock.GetTimestamp());
        window.Consume(500);
        Assert.Equal(1000, window.WantedGrowth(_clock.GetTimestamp() + 1, roundTrip: 1, max: 10_000));
    }
}
