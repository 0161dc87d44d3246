using System.Collections.Immutable;

namespace Libp2p.Node.Dialing;

/// <summary>
/// The decisions of one dial, without its work: which addresses are candidates, in which order they are tried, and when the next one is
/// due (RFC 8305). Time is passed in; one caller at a time, but <see cref="Candidates"/> may be read beside it.
/// </summary>
/// <param name="options">Addresses a dial tries, at the same time and in all, and the time it gives each before the next.</param>
/// <param name="admit">Whether a candidate may be tried; otherwise it has its failure.</param>
internal sealed class DialPlan(NodeOptions options, Func<DialCandidate, bool> admit)
{
    private const int MaxShares = 4; // of those who wait for the dial, each brings as many addresses as one dial may try
    private const int MaxRefused = 256; // candidates that are only reported

    private ImmutableArray<DialCandidate> _candidates = [];
    private IReadOnlyList<DialCandidate> _waiting = [];
    private TimeSpan _lastStart;
    private bool _isDue = true; // the next one need not wait for the one before
    private int _running;
    private int _shares = 1;

    /// <summary>All candidates that were entered, replaced ones included.</summary>
    public ImmutableArray<DialCandidate> Candidates => _candidates;

    /// <summary>Whether nothing runs and nothing waits to be tried.</summary>
    public bool IsIdle => _running == 0 && _waiting.Count == 0;

    /// <summary>One more caller waits for the dial, whose addresses it takes along.</summary>
    public void Share() => _shares = Math.Min(_shares + 1, MaxShares);

    /// <summary>Makes candidates of addresses. Addresses that cannot be tried do not use up the number of those that are.</summary>
    /// <returns>The candidates that are names: they run, and are to be resolved.</returns>
    public IReadOnlyList<DialCandidate> Enter(IEnumerable<Multiaddress> addresses, bool isInsisted, bool isHearsay)
    {
        List<DialCandidate> names = [];
        List<DialCandidate> admitted = [];
        foreach (Multiaddress address in addresses)
        {
            if (!IsNew(address, isInsisted))
            {
                continue;
            }

            DialCandidate candidate = new(address, isInsisted, isHearsay);
            if (!admit(candidate))
            {
                if (_candidates.Count(entered => entered.IsRefused) < MaxRefused)
                {
                    candidate.IsRefused = true;
                    _candidates = _candidates.Add(candidate);
                }
            }
            else if (_candidates.Count(entered => !entered.IsReplaced && !entered.IsRefused) < _shares * options.MaxDialAddresses)
            {
                _candidates = _candidates.Add(candidate);
                (candidate.IsName ? names : admitted).Add(candidate);
            }
        }

        _running += names.Count;
        _waiting = AddressRanking.Order(_waiting.Concat(admitted), candidate => candidate.Target);
        return names;
    }

    /// <summary>The candidate to try now, which then runs; or null and the time after which to ask again, null where nothing is due.</summary>
    /// <param name="now">Time since the dial began.</param>
    /// <param name="wait">The time to wait; null: until something ends.</param>
    public DialCandidate? Next(TimeSpan now, out TimeSpan? wait)
    {
        wait = null;
        if (_waiting.Count == 0 || _running >= options.MaxParallelDials)
        {
            return null;
        }

        TimeSpan left = _isDue ? TimeSpan.Zero : options.DialStagger - (now - _lastStart);
        if (left > TimeSpan.Zero)
        {
            wait = left;
            return null;
        }

        DialCandidate next = _waiting[0];
        _waiting = [.. _waiting.Skip(1)];
        (_lastStart, _isDue) = (now, false);
        _running++;
        return next;
    }

    /// <summary>A candidate ended: what waits is due, as there is no reason to give it more time.</summary>
    public void Ended()
    {
        _running--;
        _isDue = true;
    }

    /// <summary>Whether the dial knew all of the addresses; it tries a bounded number.</summary>
    public bool HasTried(IReadOnlyList<Multiaddress> addresses)
    {
        ImmutableArray<DialCandidate> candidates = _candidates;
        return addresses.All(address => candidates.Any(known => known.Address == address));
    }

    /// <summary>Whether an address is no candidate yet, or was left alone and is now insisted on.</summary>
    private bool IsNew(Multiaddress address, bool isInsisted)
    {
        if (_candidates.FirstOrDefault(known => known.Address == address) is not { } known)
        {
            return true;
        }

        if (!known.IsLeftAlone || !isInsisted)
        {
            return false;
        }

        _candidates = _candidates.Remove(known); // the caller that asked before was more patient
        return true;
    }
}
