using Libp2p.Node.Dialing;
using Libp2p.Transports.Memory;

namespace Libp2p.Tests.Node.Dialing;

/// <summary>Which address a dial tries when: events in, decisions out, no clock.</summary>
public sealed class DialPlanTests
{
    private static readonly NodeOptions s_options = new() { MaxDialAddresses = 4, MaxParallelDials = 2, DialStagger = TimeSpan.FromMilliseconds(250) };

    private readonly DialPlan _plan = new(s_options, Admit);

    [Fact]
    public void The_next_address_is_tried_after_the_stagger_or_when_one_fails_and_never_more_than_may_run()
    {
        Enter("/memory/1", "/memory/2", "/memory/3", "/memory/4");

        Assert.NotNull(Next(0));
        Assert.Equal(250, WaitAt(0));
        Assert.Equal(1, WaitAt(249));
        Assert.NotNull(Next(250));
        Assert.Null(WaitAt(10_000)); // two run
        _plan.Ended();
        Assert.NotNull(Next(251)); // it failed: the next one is due
        _plan.Ended();
        Assert.NotNull(Next(252));
        Assert.False(_plan.IsIdle);
        _plan.Ended();
        _plan.Ended();
        Assert.True(_plan.IsIdle);
    }

    [Fact]
    public void Each_caller_brings_its_share_and_four_shares_are_all()
    {
        Enter([.. Enumerable.Range(10, 100).Select(i => $"/memory/{i}")]);
        Assert.Equal(4, _plan.Candidates.Length);
        for (int i = 0; i < 10; i++)
        {
            _plan.Share();
        }

        Enter([.. Enumerable.Range(10, 100).Select(i => $"/memory/{i}")]);
        Assert.Equal(16, _plan.Candidates.Length);
        Assert.Equal(16, _plan.Candidates.Select(candidate => candidate.Address).Distinct().Count());
    }

    [Fact]
    public void What_cannot_be_tried_takes_no_place_and_is_reported()
    {
        Enter("/ip4/1.2.3.4/udp/1", "/ip4/1.2.3.4/udp/2", "/ip4/1.2.3.4/udp/3", "/ip4/1.2.3.4/udp/4", "/ip4/1.2.3.4/udp/5", "/memory/1");

        Assert.Equal("/memory/1", Next(0)!.Address.ToString());
        Assert.Null(Next(10_000));
        Assert.Equal(6, _plan.Candidates.Length);
        Assert.Equal(5, _plan.Candidates.Count(candidate => candidate.IsRefused));
    }

    [Fact]
    public void What_failed_a_moment_ago_is_tried_when_somebody_insists()
    {
        Multiaddress address = Multiaddress.Parse("/memory/7");
        _plan.Enter([address], isInsisted: false, isHearsay: false);
        Assert.Null(Next(0)); // left alone
        _plan.Enter([address], isInsisted: false, isHearsay: false);
        Assert.Null(Next(0));
        _plan.Enter([address], isInsisted: true, isHearsay: false);

        Assert.True(Next(0)!.IsInsisted);
        Assert.Single(_plan.Candidates);
    }

    private static bool Admit(DialCandidate candidate)
    {
        if (candidate.Address.ToString() == "/memory/7" && !candidate.IsInsisted)
        {
            candidate.IsLeftAlone = true;
            candidate.Failure = new IOException("It failed a moment ago");
            return false;
        }

        if (!candidate.Address.ToString().StartsWith("/memory", StringComparison.Ordinal))
        {
            candidate.Failure = new ArgumentException("No transport dials it");
            return false;
        }

        candidate.Transport = new MemoryTransport(new MemoryNetwork(), Libp2p.Scheduling.ThreadPoolScheduler.Instance);
        return true;
    }

    private void Enter(params string[] addresses) => _plan.Enter(addresses.Select(Multiaddress.Parse), isInsisted: false, isHearsay: false);

    private DialCandidate? Next(int milliseconds) => _plan.Next(TimeSpan.FromMilliseconds(milliseconds), out _);

    private double? WaitAt(int milliseconds)
    {
        Assert.Null(_plan.Next(TimeSpan.FromMilliseconds(milliseconds), out TimeSpan? wait));
        return wait?.TotalMilliseconds;
    }
}
