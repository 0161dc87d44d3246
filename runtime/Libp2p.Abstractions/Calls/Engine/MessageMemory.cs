using Libp2p.Limits;

namespace Libp2p;

/// <summary>
/// Accounts for what one stream holds of messages. What is taken is given back to the same scope, or goes with it when the stream ends.
/// </summary>
/// <param name="scope">The stream's; null where nothing is counted: a pair in memory.</param>
/// <param name="subject">Whose messages they are, for exceptions: the agreed protocol id.</param>
internal readonly struct MessageMemory(IResourceScope? scope, string subject)
{
    /// <summary>Bytes of a message that are not counted: asking the scope would cost more than such a message.</summary>
    public const int Free = 4 * 1024;

    /// <summary>Takes memory, before it is allocated.</summary>
    /// <param name="bytes">How much.</param>
    /// <param name="what">What it is for, as the exception says.</param>
    /// <exception cref="LimitExceededException">There is none; the message names the bound that is full.</exception>
    public void Take(long bytes, string what)
    {
        string? refusal = null;
        if (bytes > 0 && scope?.TryReserveMemory(bytes, out refusal) == false)
        {
            throw new LimitExceededException($"{subject}: no memory for {bytes} bytes of {what}: {refusal}");
        }
    }

    /// <summary>Gives memory back.</summary>
    public void Return(long bytes)
    {
        if (bytes > 0)
        {
            scope?.ReleaseMemory(bytes);
        }
    }
}
