using System.IO.Pipelines;
using System.Security.Cryptography;

namespace Libp2p.Protocols.Perf;

/// <summary>Bytes in and out, as fast as they come and go.</summary>
internal static class PerfBytes
{
    /// <summary>What is sent where nobody asked for anything else, a block at a time.</summary>
    public static readonly ReadOnlyMemory<byte> Zeros = new byte[128 * Size.KiB];

    public static IncrementalHash NewHash() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Reads to the end of the stream.</summary>
    /// <returns>The bytes that came.</returns>
    public static async ValueTask<ulong> ReceiveAsync(PipeReader input, IncrementalHash? hash, Action<long>? progress, CancellationToken cancellationToken)
    {
        ulong received = 0;
        while (true)
        {
            ReadResult read = await input.ReadAsync(cancellationToken);
            received += (ulong)read.Buffer.Length;
            if (hash is not null)
            {
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    hash.AppendData(segment.Span);
                }
            }

            progress?.Invoke(read.Buffer.Length);
            input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return received;
            }
        }
    }

    /// <summary>Sends blocks until so many bytes went, the remote wants no more, or it is told to stop.</summary>
    /// <returns>The bytes that went.</returns>
    public static async ValueTask<ulong> SendAsync(
        PipeWriter output, ulong count, ReadOnlyMemory<byte> block, IncrementalHash? hash, Func<long, bool>? goesOn, CancellationToken cancellationToken)
    {
        ulong sent = 0;
        while (sent < count)
        {
            ReadOnlyMemory<byte> next = block[..(int)Math.Min((ulong)block.Length, count - sent)];
            hash?.AppendData(next.Span);
            FlushResult flushed = await output.WriteAsync(next, cancellationToken);
            sent += (ulong)next.Length;
            if (flushed.IsCompleted || goesOn?.Invoke(next.Length) == false)
            {
                break;
            }
        }

        return sent;
    }
}
