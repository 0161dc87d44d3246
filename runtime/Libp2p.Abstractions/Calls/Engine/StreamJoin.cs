using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p;

/// <summary>Joins two streams into one: what one receives the other sends, ends included.</summary>
internal static class StreamJoin
{
    /// <summary>Copies both ways until both directions have ended. A failure of either stream resets both, and is thrown.</summary>
    public static async ValueTask RunAsync(P2PStream a, P2PStream b, CancellationToken cancellationToken)
    {
        using Join join = new([], cancellationToken);
        await join.RunAsync(CopyAsync(a, b, join), CopyAsync(b, a, join));
    }

    private static async Task CopyAsync(P2PStream from, P2PStream to, Join join)
    {
        try
        {
            while (true)
            {
                ReadResult read = await from.Input.ReadAsync(join.Token);
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    to.Output.Write(segment.Span);
                }

                from.Input.AdvanceTo(read.Buffer.End); // before the flush, which may throw: what is lent goes back whatever happens
                FlushResult flushed = await to.Output.FlushAsync(join.Token);
                if (flushed.IsCompleted)
                {
                    from.CloseRead();
                    return;
                }

                if (read.IsCompleted)
                {
                    await to.CloseWriteAsync(join.Token);
                    return;
                }
            }
        }
        catch (Exception e)
        {
            EndReason reason = join.Fail(e, from.End, to.End);
            from.Reset(reason);
            to.Reset(reason);
            join.End();
        }
    }
}
