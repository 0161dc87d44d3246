using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Muxers;

/// <summary>One end of an <see cref="InMemoryStreamPair"/>.</summary>
internal sealed class InMemoryStream : IMuxedStream
{
    private static long s_lastId;

    private readonly Lock _gate; // one for both ends: how a stream ended and what its directions show of it change together
    private readonly InMemoryChannel _inbound;
    private readonly InMemoryChannel _outbound;
    private readonly InMemoryReader _input;
    private readonly InMemoryWriter _output;
    private readonly CancellationTokenSource _aborted = new();
    private EndReason? _end;
    private bool _isDisposed;

    public InMemoryStream(Direction direction, InMemoryChannel inbound, InMemoryChannel outbound, Lock gate)
    {
        _gate = gate;
        Id = Interlocked.Increment(ref s_lastId);
        Direction = direction;
        _inbound = inbound;
        _outbound = outbound;
        _input = new InMemoryReader(this, inbound);
        _output = new InMemoryWriter(this, outbound);
    }

    public InMemoryStream? Peer { get; set; }

    public long Id { get; }

    public Direction Direction { get; }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public EndReason? End
    {
        get
        {
            lock (_gate)
            {
                return _end;
            }
        }
    }

    public CancellationToken Aborted => _aborted.Token;

    public async ValueTask CloseWriteAsync(CancellationToken cancellationToken)
    {
        if (!_outbound.IsEnded)
        {
            await _output.FlushAsync(cancellationToken);
            _output.End();
        }
    }

    public void CloseRead(ErrorCode code)
    {
        if (!_inbound.IsRefused)
        {
            _inbound.Refuse();
            OnDirectionEnded();
        }
    }

    public void Reset(EndReason reason)
    {
        EndedBy seenByPeer = reason.By == EndedBy.Link ? EndedBy.Link : EndedBy.Remote;
        lock (_gate)
        {
            if (!TryEnd(reason, reason with { By = seenByPeer }))
            {
                return;
            }

            _inbound.Reset(byWriter: false);
            _outbound.Reset(byWriter: true);
        }

        _inbound.Wake();
        _outbound.Wake();
        _aborted.Cancel();
        Peer!._aborted.Cancel();
    }

    public ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return ValueTask.CompletedTask;
            }

            _isDisposed = true;
        }

        CloseRead(default);
        _output.End();
        _input.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Fails what is done on a direction that was reset.</summary>
    public void ThrowIfReset(InMemoryChannel channel)
    {
        if (channel.IsReset && End is { } end)
        {
            throw new StreamResetException($"Stream {Id} was reset: {end}", end);
        }
    }

    /// <summary>One direction has ended in order; when both have, the stream has, at either end.</summary>
    public void OnDirectionEnded()
    {
        lock (_gate)
        {
            if ((_inbound.IsEnded || _inbound.IsRefused) && (_outbound.IsEnded || _outbound.IsRefused))
            {
                TryEnd(new EndReason(EndedBy.Local, ErrorCode.None, "Closed"), new EndReason(EndedBy.Remote, ErrorCode.None, "Closed"));
            }
        }
    }

    /// <summary>Under the lock: the first end is both ends'.</summary>
    private bool TryEnd(EndReason here, EndReason there)
    {
        if (_end is not null)
        {
            return false;
        }

        _end = here;
        Peer!._end = there;
        return true;
    }
}
