using System.Buffers;
using System.IO.Pipelines;

namespace Libp2p;

/// <summary>
/// A pipe with bytes before it that had been taken out of it: they are read first, and together with what follows where the reader
/// wants more. What follows stays in the pipe until it is consumed, so the remote is not granted more than before.
/// </summary>
internal sealed class UnreadReader(PipeReader pipe, ReadOnlyMemory<byte> unread) : PipeReader
{
    private readonly Lock _gate = new();
    private ReadOnlyMemory<byte> _unread = unread;
    private ReadOnlySequence<byte> _lent;  // what the last read returned
    private ReadOnlySequence<byte>? _rest; // the part of it that is still the pipe's
    private long _examinedRest;            // how far anybody has looked into the pipe
    private bool _wantsMore;               // everything that was returned was examined: what is next is the pipe's affair
    private bool _isCanceled;              // the next read is

    public override bool TryRead(out ReadResult result)
    {
        if (_unread.IsEmpty)
        {
            return pipe.TryRead(out result);
        }

        ReadResult more = default;
        bool isMore = (_wantsMore || _examinedRest > 0) && pipe.TryRead(out more);
        result = isMore ? Lend(more) : _wantsMore ? default : Lend();
        return isMore || !_wantsMore;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_unread.IsEmpty)
        {
            return pipe.ReadAsync(cancellationToken);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        return _wantsMore ? ReadMoreAsync(cancellationToken) : new ValueTask<ReadResult>(TryRead(out ReadResult result) ? result : default);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_unread.IsEmpty)
        {
            pipe.AdvanceTo(consumed, examined);
            return;
        }

        long taken = _lent.Slice(_lent.Start, consumed).Length;
        long seen = _lent.Slice(_lent.Start, examined).Length;
        long takenRest = Math.Max(0, taken - _unread.Length);
        _examinedRest = Math.Max(_examinedRest, seen - _unread.Length);
        if (_rest is { } rest)
        {
            _rest = null;
            pipe.AdvanceTo(rest.GetPosition(takenRest), rest.GetPosition(Math.Min(_examinedRest, rest.Length)));
        }

        lock (_gate)
        {
            _wantsMore = seen == _lent.Length;
            _unread = _unread[(int)(taken - takenRest)..];
            _lent = default;
            if (!_isCanceled || (!_wantsMore && !_unread.IsEmpty))
            {
                return;
            }

            _isCanceled = false;
        }

        pipe.CancelPendingRead(); // which the next read asks
    }

    public override void CancelPendingRead()
    {
        lock (_gate)
        {
            if (!_wantsMore && !_unread.IsEmpty)
            {
                _isCanceled = true;
                return;
            }
        }

        pipe.CancelPendingRead();
    }

    public override void Complete(Exception? exception = null)
    {
        _unread = default;
        pipe.Complete(exception);
    }

    private async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancellationToken) => Lend(await pipe.ReadAsync(cancellationToken));

    private ReadResult Lend()
    {
        lock (_gate)
        {
            _lent = new ReadOnlySequence<byte>(_unread);
            bool isCanceled = _isCanceled;
            _isCanceled = false;
            return new ReadResult(_lent, isCanceled, isCompleted: false);
        }
    }

    private ReadResult Lend(in ReadResult more)
    {
        _rest = more.Buffer;
        Segment first = new(_unread);
        Segment last = first;
        foreach (ReadOnlyMemory<byte> memory in more.Buffer)
        {
            last = last.Append(memory);
        }

        _lent = new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
        return new ReadResult(_lent, more.IsCanceled, more.IsCompleted);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory) => Memory = memory;

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }
}
