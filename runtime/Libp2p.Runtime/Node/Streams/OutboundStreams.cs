using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>The streams that we open on a connection: an idle one again, or a new one, within the bounds of its operation and of the node.</summary>
internal sealed class OutboundStreams
{
    private readonly PeerConnection _connection;
    private readonly NodeParts _node;
    private readonly OutboundNegotiation _negotiation;
    private readonly TaskSet _ending = new(); // of idle streams
    private readonly IdleStreams _idle;
    private volatile bool _isSpent;

    public OutboundStreams(PeerConnection connection, NodeParts node, ProtocolMemory memory)
    {
        _connection = connection;
        _node = node;
        _idle = new IdleStreams(node.Seams.Time, _ending);
        _negotiation = new OutboundNegotiation(memory.Known, node.Options, node.Seams.Time, memory.Forget);
    }

    /// <summary>Whether the muxer opens no more streams.</summary>
    public bool IsSpent => _isSpent;

    /// <summary>The muxer's numbers of those that are kept for the next exchange.</summary>
    public IReadOnlySet<long> Idle => _idle.Ids;

    /// <summary>Idle streams that are being ended.</summary>
    public int RunningTasks => _ending.Count;

    public async ValueTask<P2PStream> OpenAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        ConnectionAdmission.EnsureAllows(_connection, request);
        if (request.ReuseIdle is not null && _idle.TryTake(request) is { } reused)
        {
            return reused;
        }

        if (_node.Gates.IsFull(_connection.RemotePeer, request) && _idle.TryTake(request) is { } idle)
        {
            await idle.DisposeAsync(); // its place serves a call that cannot use the stream itself
        }

        IDisposable place = await _node.Gates.EnterAsync(_connection.RemotePeer, request, cancellationToken);
        try
        {
            if (!_connection.Lease.TryOpenStream(Direction.Outbound, out IStreamLease? lease, out string? refusal))
            {
                throw new LimitExceededException(refusal);
            }

            StreamShare share = _connection.Share(lease);
            share.Place = place;
            return await OpenAsync(request, share, cancellationToken);
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    public void Return(P2PStream stream, StreamRequest request) => _idle.Give(stream, request);

    /// <summary>Ends the idle streams, and keeps no more.</summary>
    public void EndIdle() => _idle.Close();

    /// <summary>Waits until nothing of them runs.</summary>
    public Task CloseAsync() => _ending.CloseAsync();

    private async Task<P2PStream> OpenAsync(StreamRequest request, StreamShare share, CancellationToken cancellationToken)
    {
        IMuxedStream? muxed = null;
        try
        {
            muxed = await OpenMuxedAsync(cancellationToken);
            StreamLease.Attach(share.Lease, muxed.Id);
            NegotiatedStream agreed = await NegotiateAsync(muxed, request, cancellationToken);
            _node.Instruments.StreamOpened(Direction.Outbound, request.Protocols[0].Value);
            return share.Lease.TryAttribute(agreed.Protocol, int.MaxValue, out string? refusal)
                ? new P2PStream(agreed.Stream, agreed.Protocol, _connection, _connection.Time, share, share.Lease) { IsOptimistic = agreed.IsOptimistic }
                : throw new LimitExceededException(refusal);
        }
        catch (Exception e)
        {
            if (muxed is not null)
            {
                muxed.Reset(StreamEnds.Explain(e));
                await muxed.DisposeAsync();
            }

            share.Dispose();
            throw;
        }
    }

    private async ValueTask<IMuxedStream> OpenMuxedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _connection.Muxed.OpenStreamAsync(cancellationToken);
        }
        catch (ConnectionClosedException)
        {
            _isSpent = true; // whoever comes next takes another connection
            throw;
        }
    }

    private async ValueTask<NegotiatedStream> NegotiateAsync(IMuxedStream muxed, StreamRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await _negotiation.RunAsync(muxed, request, cancellationToken);
        }
        catch (Exception e)
        {
            _node.Instruments.NegotiationFailed(Direction.Outbound, e);
            throw;
        }
    }
}
