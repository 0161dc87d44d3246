namespace Libp2p.Node.Peers;

/// <summary>One address of a peer and the words of its sources, each with a lifetime of its own. Not thread-safe.</summary>
internal sealed class StoredAddress(Multiaddress address)
{
    private readonly SourceWord[] _words = new SourceWord[(int)AddressSource.Referred + 1];

    public Multiaddress Address => address;

    /// <summary>A source says the address, or says it again.</summary>
    public void Say(AddressSource source, SourceWord word, TimeProvider time) => _words[(int)source] = _words[(int)source].Or(word, time);

    /// <summary>A source no longer says it.</summary>
    public void Withdraw(AddressSource source) => _words[(int)source] = default;

    /// <summary>All words count anew, from now.</summary>
    public void Restart(long now)
    {
        foreach (ref SourceWord word in _words.AsSpan())
        {
            word = word with { Since = now };
        }
    }

    /// <summary>Withdraws the words that have expired; false when none is left.</summary>
    public bool DropExpired(TimeProvider time, long now)
    {
        bool isSaid = false;
        foreach (ref SourceWord word in _words.AsSpan())
        {
            word = word.Remaining(time, now) > TimeSpan.Zero ? word : default;
            isSaid |= word.IsSpoken;
        }

        return isSaid;
    }

    /// <summary>Whether any source says it.</summary>
    public bool IsSaid => Best is not null;

    /// <summary>The most trusted source that says it.</summary>
    public AddressSource? Best
    {
        get
        {
            for (int source = 0; source < _words.Length; source++)
            {
                if (_words[source].IsSpoken)
                {
                    return (AddressSource)source;
                }
            }

            return null;
        }
    }

    /// <summary>Whether the source says it; expired words count until they are dropped.</summary>
    public bool IsSaidBy(AddressSource source) => _words[(int)source].IsSpoken;

    /// <summary>Whether the source says it and its word has not expired.</summary>
    public bool IsSaidBy(AddressSource source, TimeProvider time, long now) => _words[(int)source].Remaining(time, now) > TimeSpan.Zero;

    /// <summary>What is left of the longest word.</summary>
    public TimeSpan Remaining(TimeProvider time, long now)
    {
        TimeSpan longest = TimeSpan.MinValue;
        foreach (SourceWord word in _words)
        {
            TimeSpan remaining = word.IsSpoken ? word.Remaining(time, now) : TimeSpan.MinValue;
            longest = remaining > longest ? remaining : longest;
        }

        return longest;
    }

    /// <summary>
    /// The order in which addresses of a peer are kept: first those that the application relies on (it configured them, or this node
    /// reached the peer there), then what the peer signed, said, and what others said.
    /// </summary>
    public int Rank => IsSaidBy(AddressSource.Configured) ? 0
        : IsSaidBy(AddressSource.Connected) ? 1
        : IsSaidBy(AddressSource.Certified) ? 2
        : IsSaidBy(AddressSource.Announced) ? 3
        : 4;
}
