using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>Two ends of a bounded pipe in each direction.</summary>
public sealed class PipePair
{
    private const int SharedSegment = 32 * 1024; // of the shared pool, which keeps few arrays of each size: small ones would be allocated anew

    public PipePair(NodeScheduler? scheduler = null, int segmentSize = -1, long pauseAt = 128 * 1024)
    {
        PipeScheduler both = scheduler ?? ThreadPoolScheduler.Instance;
        PipeOptions options = new(
            readerScheduler: both,
            writerScheduler: both,
            minimumSegmentSize: segmentSize > 0 ? segmentSize : SharedSegment,
            pauseWriterThreshold: pauseAt,
            resumeWriterThreshold: pauseAt / 2,
            pool: segmentSize > 0 ? new ExactMemoryPool(segmentSize) : null,
            useSynchronizationContext: false);

        FirstToSecond = new Pipe(options);
        SecondToFirst = new Pipe(options);
        First = new End(SecondToFirst.Reader, FirstToSecond.Writer);
        Second = new End(FirstToSecond.Reader, SecondToFirst.Writer);
    }

    public IDuplexPipe First { get; }

    public IDuplexPipe Second { get; }

    public Pipe FirstToSecond { get; }

    public Pipe SecondToFirst { get; }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Segments of a given size, so that messages lie across their borders.</summary>
    private sealed class ExactMemoryPool(int size) : MemoryPool<byte>
    {
        public override int MaxBufferSize => int.MaxValue;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(new byte[Math.Max(size, minBufferSize)]);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed record Owner(Memory<byte> Memory) : IMemoryOwner<byte>
        {
            public void Dispose()
            {
            }
        }
    }
}
