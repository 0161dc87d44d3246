using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p.Tests.Codecs;

/// <summary>A pipe that gives its bytes in pieces: each read that has seen everything gets one piece more, in a segment of its own.</summary>
internal sealed class ChunkReader(params byte[][] chunks) : PipeReader
{
    private readonly List<Segment> _segments = [];
    private int _shown;
    private bool _hasNews = chunks.Length == 0;
    private SequencePosition? _start;

    /// <summary>Bytes the reader said it was done with.</summary>
    public long Consumed { get; private set; }

    /// <summary>Most bytes that lay unconsumed at one time.</summary>
    public long MostHeld { get; private set; }

    public override bool TryRead(out ReadResult result)
    {
        result = default;
        if (!_hasNews)
        {
            return false;
        }

        result = Show();
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_hasNews && _shown < chunks.Length)
        {
            _segments.Add(new Segment(chunks[_shown++], _segments.LastOrDefault()));
        }

        return new ValueTask<ReadResult>(Show());
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        ReadOnlySequence<byte> buffer = Buffer();
        Consumed += buffer.Slice(0, consumed).Length;
        _hasNews = buffer.Slice(examined).Length > 0 || _shown == chunks.Length;
        _start = _segments.Count > 0 ? consumed : null;
    }

    public override void CancelPendingRead() => throw new NotSupportedException();

    public override void Complete(Exception? exception = null)
    {
    }

    private ReadResult Show()
    {
        ReadOnlySequence<byte> buffer = Buffer();
        MostHeld = Math.Max(MostHeld, buffer.Length);
        return new ReadResult(buffer, isCanceled: false, isCompleted: _shown == chunks.Length);
    }

    private ReadOnlySequence<byte> Buffer()
    {
        if (_segments.Count == 0)
        {
            return default;
        }

        ReadOnlySequence<byte> all = new(_segments[0], 0, _segments[^1], _segments[^1].Memory.Length);
        return _start is { } start ? all.Slice(start) : all;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? previous)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
