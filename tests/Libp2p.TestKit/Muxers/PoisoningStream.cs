using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>
/// A stream whose input spoils its memory as soon as the reader has given it back: bytes that were lent and are still looked at are
/// seen to be wrong. What is read lies in two pieces, cut in the middle.
/// </summary>
public sealed class PoisoningStream(IMuxedStream inner) : DelegatingStream(inner)
{
    /// <summary>What lapsed memory holds.</summary>
    public const byte Poison = 0xEE;

    private readonly PoisoningReader _input = new(inner.Input);

    public override PipeReader Input => _input;

    private sealed class PoisoningReader(PipeReader inner) : PipeReader
    {
        private ReadOnlySequence<byte> _read;
        private ReadOnlySequence<byte> _lent;
        private byte[][] _memory = [];

        public override bool TryRead(out ReadResult result)
        {
            bool isRead = inner.TryRead(out result);
            result = isRead ? Lend(result) : default;
            return isRead;
        }

        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            Lend(await inner.ReadAsync(cancellationToken));

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            long taken = _lent.Slice(_lent.Start, consumed).Length;
            long seen = _lent.Slice(_lent.Start, examined).Length;
            foreach (byte[] memory in _memory)
            {
                memory.AsSpan().Fill(Poison);
            }

            inner.AdvanceTo(_read.GetPosition(taken), _read.GetPosition(seen));
        }

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult Lend(in ReadResult read)
        {
            byte[] all = read.Buffer.ToArray();
            _read = read.Buffer;
            _memory = [all[..(all.Length / 2)], all[(all.Length / 2)..]];
            Segment first = new(_memory[0], null);
            Segment last = new(_memory[1], first);
            _lent = new ReadOnlySequence<byte>(first, 0, last, _memory[1].Length);
            return new ReadResult(_lent, read.IsCanceled, read.IsCompleted);
        }
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
