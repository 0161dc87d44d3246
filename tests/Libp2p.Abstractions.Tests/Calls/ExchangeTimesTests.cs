namespace Libp2p.Tests.Calls;

/// <summary>Which time of an exchange is over when: a table, with seconds as timestamps.</summary>
public sealed class ExchangeTimesTests
{
    private static readonly OperationLimits s_all = new()
    {
        Exchange = TimeSpan.FromSeconds(60),
        Read = TimeSpan.FromSeconds(8),
        Idle = TimeSpan.FromSeconds(5),
    };

    public static TheoryData<string, long, string> Histories => new()
    {
        { "", 5, "no message for 5 s" },
        { "touch@4", 9, "no message for 5 s" },
        { "touch@57", 60, "the exchange took longer than 60 s" },
        { "read@4", 12, "a message took longer to arrive than 8 s" },
        { "read@4 stop@7", 8, "no message for 5 s" },
        { "read@4 stop@7 read@20", 25, "a message took longer to arrive than 8 s" },
        { "read@4 stop@7 got@7 read@20", 28, "a message took longer to arrive than 8 s" },
        { "pause@10", 15, "no further request for 5 s" },
        { "pause@100 go@104", 109, "no message for 5 s" },
        { "pause@100 go@104 touch@160", 164, "the exchange took longer than 60 s" },
    };

    [Theory]
    [MemberData(nameof(Histories))]
    public void What_is_due_next_follows_from_what_happened(string history, long at, string what)
    {
        ExchangeTimes times = Play(history);

        DueTime next = Assert.NotNull(times.Next(s_all, s_all.Exchange));

        Assert.Equal(at, next.At);
        Assert.Equal(what, next.ToString());
    }

    [Fact]
    public void A_time_that_is_not_declared_does_not_run()
    {
        OperationLimits none = s_all with { Exchange = null, Read = null, Idle = null };
        ExchangeTimes times = Play("read@4");

        Assert.Null(times.Next(none, null));
        Assert.Null(times.Next(s_all with { Idle = Timeout.InfiniteTimeSpan, Read = null }, null));
    }

    [Fact]
    public void Between_exchanges_without_an_idle_time_the_exchanges_runs_and_an_infinite_one_never_ends()
    {
        ExchangeTimes times = Play("pause@10");

        Assert.Equal(70, times.Next(s_all with { Idle = null }, s_all.Exchange)?.At);
        Assert.Null(times.Next(s_all with { Idle = Timeout.InfiniteTimeSpan }, s_all.Exchange));
    }

    [Theory]
    [InlineData(366 * 100)]
    [InlineData(10_675_199)] // TimeSpan.MaxValue
    public void A_time_of_centuries_is_as_long_as_it_says_or_never_over(int days)
    {
        ExchangeTimes times = new(now: 1_000_000, frequency: 1_000_000_000);

        DueTime? next = times.Next(OperationLimits.Default, TimeSpan.FromDays(days));

        Assert.True(next is null || next.Value.At > 366L * 99 * 86_400 * 1_000_000_000);
    }

    private static ExchangeTimes Play(string history)
    {
        ExchangeTimes times = new(now: 0, frequency: 1);
        foreach (string step in history.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = step.Split('@');
            long now = long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
            switch (parts[0])
            {
                case "touch": times.Touch(now); break;
                case "read": times.StartReading(now); break;
                case "stop": times.StopReading(now); break;
                case "got": times.Received(); break;
                case "pause": times.BeginPause(now); break;
                default: times.EndPause(now); break;
            }
        }

        return times;
    }
}
