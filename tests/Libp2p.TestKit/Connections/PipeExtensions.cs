using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.TestKit;

/// <summary>Short words for what tests do with pipes all the time.</summary>
public static class PipeExtensions
{
    /// <summary>Reads exactly so many bytes, and consumes no more.</summary>
    public static async Task<byte[]> ReadExactlyAsync(this PipeReader reader, int count, CancellationToken cancellationToken = default)
    {
        if (count == 0)
        {
            return [];
        }

        ReadResult read = await reader.ReadAtLeastAsync(count, cancellationToken);
        Assert.True(read.Buffer.Length >= count, $"The pipe ended after {read.Buffer.Length} of {count} bytes.");
        byte[] bytes = read.Buffer.Slice(0, count).ToArray();
        reader.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    /// <summary>Reads until the pipe ends.</summary>
    public static async Task<byte[]> ReadToEndAsync(this PipeReader reader, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ReadResult read = await reader.ReadAsync(cancellationToken);

            if (read.IsCompleted)
            {
                byte[] bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>What has arrived by now; consumes it.</summary>
    public static byte[] ReadAvailable(this PipeReader reader)
    {
        if (!reader.TryRead(out ReadResult read))
        {
            return [];
        }

        byte[] bytes = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return bytes;
    }

    /// <summary>The same, of a pipe that may have failed: nothing then.</summary>
    public static byte[] ReadAvailableOrNothing(this PipeReader reader)
    {
        try
        {
            return reader.ReadAvailable();
        }
        catch (IOException)
        {
            return [];
        }
    }
}
