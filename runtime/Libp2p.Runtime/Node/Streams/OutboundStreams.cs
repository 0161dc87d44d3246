using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>The streams that we open on a connection: an idle one again, or a new one, within the bounds of its operation and of the node.</summary>
internal sealed class OutboundStreams
{
    private readonly StreamHost _host;
    private readonly OutboundNegotiation _negotiation;
    private readonly TaskSet _ending = new(); // of idle streams
    private readonly IdleStreams _idle;
    private volatile bool _isSpent;

    public OutboundStreams(StreamHost host, ProtocolMemory memory)
    {
        _host = host;
        _idle = new IdleStreams(host.Time, _ending);
        _negotiation = new OutboundNegotiation(memory.Known, host.Node.Options, host.Time, memory.Forget);
    }

    /// <summary>Whether the muxer opens no more streams.</summary>
    public bool IsSpent => _isSpent;

    /// <summary>The muxer's numbers of those that are kept for the next exchange.</summary>
    public IReadOnlySet<long> Idle => _idle.Ids;

    /// <summary>Idle streams that are being ended.</summary>
    public int RunningTasks => _ending.Count;

    public ValueTask<P2PStream> OpenAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        RequirementCheck.EnsureAllows(_host.Connection, request);
        return request.ReuseIdle is not null && _idle.TryTake(request) is { } reused
            ? new ValueTask<P2PStream>(reused)
            : OpenNewAsync(request, cancellationToken);
    }

    public void Return(P2PStream stream, StreamRequest request) => _idle.Give(stream, request);

    /// <summary>Ends the idle streams, and keeps no more.</summary>
    public void EndIdle() => _idle.Close();

    /// <summary>Waits until nothing of them runs.</summary>
    public Task CloseAsync() => _ending.CloseAsync();

    private async ValueTask<P2PStream> OpenNewAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        OperationBound bound = new(request.Protocols[0], request.Operation, request.Limits.OutboundPerPeer, request.Limits.WhenFull);
        if (!_idle.IsEmpty && _host.Lease.PeerScope!.IsFull(new BoundKey(Direction.Outbound, bound.Subject, bound.Operation)) && _idle.TryTake(request) is { } idle)
        {
            await idle.DisposeAsync(); // its place serves a call that cannot use the stream itself
        }

        StreamLease lease = new(_host.Lease, Direction.Outbound);
        IMuxedStream? muxed = null;
        try
        {
            await lease.EnterAsync(bound, cancellationToken);
            if (!_host.Lease.TryLease(lease, out string? refusal))
            {
                throw new LimitExceededException(refusal!);
            }

            muxed = await OpenMuxedAsync(cancellationToken);
            lease.StreamId = muxed.Id;
            NegotiatedStream agreed = await NegotiateAsync(muxed, request, cancellationToken);
            _host.Node.Instruments.StreamOpened(Direction.Outbound, request.Protocols[0].Value);
            return lease.TryAttribute(agreed.Protocol, out refusal)
                ? new P2PStream(agreed.Stream, agreed.Protocol, _host.Connection, _host.Time, lease)
                {
                    IsOptimistic = agreed.IsOptimistic,
                    Scheduler = _host.Scheduler,
                    Telemetry = _host.Node.Telemetry,
                }
                : throw new LimitExceededException(refusal);
        }
        catch (Exception e)
        {
            if (muxed is not null)
            {
                muxed.Reset(StreamEnds.Explain(e));
                await muxed.DisposeAsync();
            }

            lease.Dispose();
            throw;
        }
    }

    private async ValueTask<IMuxedStream> OpenMuxedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _host.Muxed.OpenStreamAsync(cancellationToken);
        }
        catch (ConnectionClosedException)
        {
            _isSpent = true; // the next caller takes another connection
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
            _host.Node.Instruments.NegotiationFailed(Direction.Outbound, e);
            throw;
        }
    }
}
