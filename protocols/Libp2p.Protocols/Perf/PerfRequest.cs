namespace Libp2p.Protocols.Perf;

/// <summary>One measurement, as the initiator wants it. Immutable.</summary>
public sealed record PerfRequest
{
    /// <summary>Asks for more than anybody can send, where <see cref="Duration"/> is to end a download.</summary>
    public const ulong Endless = 1UL << 50; // js counts in doubles

    /// <summary>Bytes to send.</summary>
    public ulong Upload { get; init; }

    /// <summary>Bytes to be sent back, after the upload.</summary>
    public ulong Download { get; init; }

    /// <summary>When to stop, whatever is left then: an upload by the half-close, a download by a reset. Null: when all bytes went.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>What is sent, over and over; empty: zeros. Blocks of 64 KiB and more are fast.</summary>
    public ReadOnlyMemory<byte> Block { get; init; }

    /// <summary>Whether the result has hashes, which costs time.</summary>
    public bool Hash { get; init; }

    /// <summary>Told of bytes as they go and come: sent, received. Runs in the transfer, so it must be quick. Null: nobody asks.</summary>
    public Action<long, long>? Progress { get; init; }
}

/// <summary>What was measured, by either side.</summary>
public sealed record PerfResult
{
    /// <summary>Bytes from initiator to responder, without the first eight.</summary>
    public required ulong Uploaded { get; init; }

    /// <summary>Bytes from responder to initiator.</summary>
    public required ulong Downloaded { get; init; }

    /// <summary>The whole of it: from the first byte to the end of the stream.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>SHA-256 of the upload; empty where nobody asked.</summary>
    public ReadOnlyMemory<byte> UploadHash { get; init; }

    /// <summary>SHA-256 of the download; empty where nobody asked.</summary>
    public ReadOnlyMemory<byte> DownloadHash { get; init; }

    /// <summary>Bits per second, both directions together.</summary>
    public double BitsPerSecond => (Uploaded + Downloaded) * 8 / Elapsed.TotalSeconds;
}
