using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Peer;

/// <summary>Bytes to and from raw streams.</summary>
internal static class RawStreams
{
    private const int Block = 64 * Size.KiB;

    public static async ValueTask WriteZerosAsync(PipeWriter output, long count, CancellationToken cancellationToken)
    {
        for (long left = count; left > 0;)
        {
            int size = (int)Math.Min(left, Block);
            output.GetSpan(size)[..size].Clear();
            output.Advance(size);
            left -= size;
            await output.FlushAsync(cancellationToken);
        }
    }

    public static async ValueTask WriteAsync(PipeWriter output, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, Block)..])
        {
            await output.WriteAsync(bytes[..Math.Min(bytes.Length, Block)], cancellationToken);
        }
    }

    public static async Task<byte[]> ReadToEndAsync(PipeReader input, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> received = new();
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                received.Write(segment.Span);
            }

            input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return received.WrittenSpan.ToArray();
            }
        }
    }
}
