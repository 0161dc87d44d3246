using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Buffers;
using Libp2p.Crypto;
using Libp2p.Security.Noise;

namespace Libp2p.Tests.Security.Noise;

/// <summary>What the link costs when nothing special happens. Everything completes at once here, so one thread's counter sees all.</summary>
public sealed class NoiseLinkMemoryTests
{
    private const int Rounds = 200;

    private static readonly byte[] s_key = new byte[32];

    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(16_000)]
    [InlineData(60_000)]
    public void A_frame_costs_no_allocation(int size)
    {
        (NoiseWriter writer, NoiseReader reader) = Connect();
        byte[] source = new byte[size];

        // The least of several: a pool that is trimmed, because other tests need memory, rents one array anew.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 10 && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
            {
                Exchange(writer, reader, source, i);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void A_queue_that_was_emptied_holds_no_memory()
    {
        PooledByteQueue queue = new();

        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                queue.GetRoom(1000, 2500)[..1000].Fill((byte)j);
                queue.Append(1000);
            }

            Assert.True(queue.HoldsMemory && queue.HasUnexamined);
            ReadOnlySequence<byte> bytes = queue.Bytes;
            Assert.Equal(5000, bytes.Length);
            queue.AdvanceTo(bytes.GetPosition(1500), bytes.End);
            Assert.False(queue.HasUnexamined);
            Assert.Equal(3500, queue.Bytes.Length);
            Assert.Equal(1, queue.Bytes.FirstSpan[0]);
            queue.AdvanceTo(queue.Bytes.End, queue.Bytes.End);
            Assert.False(queue.HoldsMemory);
            Assert.True(queue.Bytes.IsEmpty);
        }
    }

    [Fact]
    public void Positions_that_are_not_in_order_are_refused()
    {
        PooledByteQueue queue = new();
        queue.GetRoom(10, 10);
        queue.Append(10);
        ReadOnlySequence<byte> bytes = queue.Bytes;

        Assert.Throws<ArgumentOutOfRangeException>(() => queue.AdvanceTo(bytes.End, bytes.Start));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.AdvanceTo(new ReadOnlySequence<byte>(new byte[1]).End, bytes.End));
        queue.AdvanceTo(bytes.GetPosition(5), bytes.GetPosition(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => queue.AdvanceTo(bytes.Start, bytes.End));
        Assert.True(queue.HasUnexamined);
    }

    private static void Exchange(NoiseWriter writer, NoiseReader reader, byte[] source, int round)
    {
        if (round % 2 == 0)
        {
            writer.Write(source);
            AtOnce(writer.FlushAsync());
        }
        else
        {
            AtOnce(writer.WriteAsync(source));
        }

        long left = source.Length;

        while (left > 0)
        {
            ReadResult read = AtOnce(reader.ReadAsync());
            left -= read.Buffer.Length;
            reader.AdvanceTo(read.Buffer.End);
        }
    }

    private static T AtOnce<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompletedSuccessfully);
        return task.Result;
    }

    private static (NoiseWriter Writer, NoiseReader Reader) Connect()
    {
        Pipe pipe = new(new PipeOptions(
            readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 1 << 20, useSynchronizationContext: false));
        return (new NoiseWriter(pipe.Writer, Cipher()), new NoiseReader(pipe.Reader, Cipher()));
    }

    private static CipherState Cipher() => new(CryptoEngine.Default, s_key);
}
