namespace Libp2p.Protocols.Identify;

/// <summary>
/// What descriptions had in common with those before them: most peers run one of a few programs, and one that comes back brings the record
/// that was checked already. So what is kept of each connection is shared, and a signature is checked once. Bounded; the oldest goes first.
/// Thread-safe.
/// </summary>
internal sealed class RecentDescriptions
{
    /// <summary>Programs, and records, that are remembered.</summary>
    public const int MaxPrograms = 16, MaxRecords = 64;

    private readonly Lock _lock = new();
    private readonly Queue<PeerProgram> _programs = new();
    private readonly Queue<CheckedRecord> _records = new();

    /// <summary>The program that says this of itself: an earlier one if there is one, which shares its texts and ids.</summary>
    /// <param name="protocolVersion">As it is kept.</param>
    /// <param name="agentVersion">As it is kept.</param>
    /// <param name="protocols">Valid ids, in order.</param>
    public PeerProgram Program(string protocolVersion, string agentVersion, IReadOnlyList<string> protocols)
    {
        lock (_lock)
        {
            foreach (PeerProgram known in _programs)
            {
                if (known.Is(protocolVersion, agentVersion, protocols))
                {
                    return known;
                }
            }

            PeerProgram program = new(protocolVersion, agentVersion, [.. protocols.Select(id => new ProtocolId(id))]);
            return Remember(_programs, program, MaxPrograms);
        }
    }

    /// <summary>A record that was checked and has exactly these bytes; null where there is none.</summary>
    public CheckedRecord? Record(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            foreach (CheckedRecord known in _records)
            {
                if (bytes.SequenceEqual(known.Bytes))
                {
                    return known;
                }
            }

            return null;
        }
    }

    /// <summary>Remembers a record whose signature is right.</summary>
    public CheckedRecord Add(CheckedRecord record)
    {
        lock (_lock)
        {
            return Remember(_records, record, MaxRecords);
        }
    }

    private static T Remember<T>(Queue<T> queue, T item, int limit)
    {
        if (queue.Count == limit)
        {
            queue.Dequeue();
        }

        queue.Enqueue(item);
        return item;
    }
}

/// <summary>A record whose signature was found right.</summary>
/// <param name="Bytes">Of the envelope.</param>
/// <param name="Envelope">The envelope.</param>
/// <param name="Record">What is in it.</param>
internal sealed record CheckedRecord(byte[] Bytes, SignedEnvelope Envelope, PeerRecord Record);

/// <summary>What peers that run the same program say alike.</summary>
internal sealed record PeerProgram(string ProtocolVersion, string AgentVersion, IReadOnlyList<ProtocolId> Protocols)
{
    /// <summary>Whether it says the same.</summary>
    public bool Is(string protocolVersion, string agentVersion, IReadOnlyList<string> protocols) =>
        ProtocolVersion == protocolVersion && AgentVersion == agentVersion && Protocols.Count == protocols.Count
        && Protocols.Zip(protocols).All(static pair => pair.First.Value == pair.Second);
}
