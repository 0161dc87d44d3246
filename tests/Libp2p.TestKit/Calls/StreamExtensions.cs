using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.TestKit.Calls;

/// <summary>How a scripted peer reads and writes.</summary>
public static class StreamExtensions
{
    /// <summary>Writes and flushes.</summary>
    public static async Task SendAsync(this P2PStream stream, params byte[] bytes) => await stream.Output.WriteAsync(bytes);

    /// <summary>Writes and ends our direction in one flush: a remote that resets when it has read this cannot fail it.</summary>
    public static async Task SendLastAsync(this P2PStream stream, params byte[] bytes)
    {
        stream.Output.Write(bytes);
        await stream.CloseWriteAsync();
    }

    /// <summary>Writes byte after byte, each flushed.</summary>
    public static async Task DripAsync(this P2PStream stream, byte[] bytes)
    {
        foreach (byte one in bytes)
        {
            await stream.Output.WriteAsync(new[] { one });
            await Task.Yield();
        }
    }

    /// <summary>Waits until either end resets the stream.</summary>
    public static async Task AbortedAsync(this P2PStream stream)
    {
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = stream.Aborted.Register(aborted.SetResult);
        await aborted.Task;
    }

    /// <summary>Sends back byte after byte. Nothing of it touches the stream after a byte was sent, until the next one comes.</summary>
    public static async Task EchoAsync(this P2PStream stream)
    {
        while (true)
        {
            await stream.SendAsync(await stream.ReceiveAsync(1));
        }
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public static async Task<byte[]> ReceiveAsync(this P2PStream stream, int count)
    {
        ReadResult read = await stream.Input.ReadAtLeastAsync(count);
        Assert.True(read.Buffer.Length >= count, $"The stream ended after {read.Buffer.Length} of {count} bytes");
        byte[] bytes = read.Buffer.Slice(0, count).ToArray();
        stream.Input.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    /// <summary>Reads until the end of the stream.</summary>
    public static async Task<byte[]> ReceiveAllAsync(this P2PStream stream)
    {
        ArrayBufferWriter<byte> all = new();
        while (true)
        {
            ReadResult read = await stream.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> segment in read.Buffer)
            {
                all.Write(segment.Span);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return all.WrittenSpan.ToArray();
            }
        }
    }
}
