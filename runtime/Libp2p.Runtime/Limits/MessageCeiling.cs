namespace Libp2p.Limits;

/// <summary>
/// Holds the node's ceilings against the longest messages that its operations allow: one that could never be held is refused where it is
/// registered, and any other one finds room on an idle connection. Thread-safe.
/// </summary>
internal sealed class MessageCeiling(ResourceLimits limits)
{
    /// <summary>Bytes of messages that every ceiling is taken to hold.</summary>
    private const long Small = Size.MiB;

    /// <summary>Bytes by which the window of the stream that carries a message may have grown, at the most.</summary>
    private const long LargestWindow = 16 * Size.MiB;

    private long _perConnection = limits.MemoryPerConnection;

    /// <summary>
    /// Bytes that a connection may take: as configured, or by default so much that a message and its answer of the longest registered
    /// operation fit.
    /// </summary>
    public long PerConnection => Volatile.Read(ref _perConnection);

    /// <summary>Takes an operation into account.</summary>
    /// <param name="name">The operation, as the exception names it.</param>
    /// <param name="operation">Its bounds.</param>
    /// <exception cref="ArgumentException">A message that it allows could never be held.</exception>
    public void Admit(string name, OperationLimits operation)
    {
        long longest = Math.Max(operation.MaxSend ?? 0, Math.Max(operation.MaxRequest, operation.MaxResponse));
        if (longest <= Small)
        {
            return;
        }

        long needed = longest + Math.Min(longest, LargestWindow) + Small; // the last for what the muxer holds besides
        Check(limits.Memory, nameof(ResourceLimits.Memory));
        if (limits.IsMemoryPerConnectionSet)
        {
            Check(limits.MemoryPerConnection, nameof(ResourceLimits.MemoryPerConnection));
        }
        else
        {
            Raise(Math.Min(limits.Memory, needed + longest));
        }

        void Check(long ceiling, string bound)
        {
            if (needed > ceiling)
            {
                throw new ArgumentException(FormattableString.Invariant(
                    $"{name}: messages of up to {longest} bytes need {needed} bytes of memory, where ResourceLimits.{bound} allows {ceiling}. Lower MaxMessage, or raise the ceiling."));
            }
        }
    }

    private void Raise(long needed)
    {
        long now = PerConnection;
        while (needed > now)
        {
            long seen = Interlocked.CompareExchange(ref _perConnection, needed, now);
            if (seen == now)
            {
                return;
            }

            now = seen;
        }
    }
}
