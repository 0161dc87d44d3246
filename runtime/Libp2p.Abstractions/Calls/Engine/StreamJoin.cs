using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p;

/// <summary>Joins two streams into one: what one receives the other sends, ends included.</summary>
internal static class StreamJoin
{
    /// <summary>Copies both ways until both directions have ended. A failure of either stream resets both.</summary>
    public static async ValueTask RunAsync(P2PStream a, P2PStream b, CancellationToken cancellationToken)
    {
        Task there = CopyAsync(a, b, cancellationToken);
        Task back = CopyAsync(b, a, cancellationToken);
        await Task.WhenAll(there, back);
    }

    private static async Task CopyAsync(P2PStream from, P2PStream to, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReadResult read = await from.Input.ReadAsync(cancellationToken);
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    to.Output.Write(segment.Span);
                }

                FlushResult flushed = await to.Output.FlushAsync(cancellationToken);
                from.Input.AdvanceTo(read.Buffer.End);
                if (flushed.IsCompleted)
                {
                    from.CloseRead();
                    return;
                }

                if (read.IsCompleted)
                {
                    await to.CloseWriteAsync(cancellationToken);
                    return;
                }
            }
        }
        catch (Exception e)
        {
            EndReason reason = e is Libp2pException known ? known.Reason : new EndReason(EndedBy.Local, ErrorCode.None, e.Message, e);
            from.Reset(reason);
            to.Reset(reason);
            throw;
        }
    }
}
