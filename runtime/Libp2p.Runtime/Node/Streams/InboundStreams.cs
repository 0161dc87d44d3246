using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Node.Connections;
using Libp2p.Scheduling;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node.Streams;

/// <summary>The streams that the remote of a connection opens: each is leased, agrees on a protocol, is admitted, and goes to its handler.</summary>
internal sealed class InboundStreams(PeerConnection connection, NodeParts node, ILogger log)
{
    private readonly TaskSet _serving = new();
    private volatile bool _isRefusing;

    /// <summary>Streams being served or negotiated.</summary>
    public int Count => _serving.Count;

    /// <summary>Takes no more streams.</summary>
    public void Refuse() => _isRefusing = true;

    /// <summary>Serves what the remote opens, until there will be no more.</summary>
    public async Task RunAsync()
    {
        while (await connection.Muxed.AcceptStreamAsync(CancellationToken.None) is { } stream)
        {
            _serving.TryRun(() => ServeAsync(stream));
        }
    }

    /// <summary>Waits until none is served.</summary>
    public Task CloseAsync() => _serving.CloseAsync();

    private async Task ServeAsync(IMuxedStream muxed)
    {
        IAsyncDisposable owned = muxed;
        StreamShare? share = null;
        try
        {
            share = Lease(muxed);
            if (await AgreeAsync(muxed, share) is not { } agreed)
            {
                share.Dispose();
                await muxed.DisposeAsync(); // the remote ended the stream without a protocol
                return;
            }

            P2PStream stream = new(muxed, agreed.Id, connection, connection.Time, share, share.Lease);
            owned = stream;
            node.Instruments.StreamOpened(Direction.Inbound, agreed.Handler.Ids.Contains(agreed.Id) ? agreed.Id.Value : "matched");
            await AdmitAsync(stream, agreed.Handler, share);
            await agreed.Handler.HandleAsync(stream, connection.Closing);
            if (!stream.IsDetached)
            {
                await stream.DisposeAsync();
            }
        }
        catch (Exception e) // whatever a handler throws ends its stream, never the connection
        {
            EndReason reason = StreamEnds.Explain(e, isOver: muxed.Aborted.IsCancellationRequested || connection.Closing.IsCancellationRequested);
            bool isDetached = owned is P2PStream { IsDetached: true }; // it is its taker's, and goes on
            try
            {
                Tell(muxed.Id, e, isDetached ? null : reason, share is { IsServed: true } ? owned as P2PStream : null);
            }
            finally
            {
                if (!isDetached)
                {
                    muxed.Reset(reason); // whoever learns of it finds it counted and logged
                    await owned.DisposeAsync();
                }
            }
        }
    }

    private StreamShare Lease(IMuxedStream muxed)
    {
        if (_isRefusing)
        {
            throw new ConnectionClosedException("The node is closing", new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The node is closing"));
        }

        if (!connection.Lease.TryOpenStream(Direction.Inbound, out IStreamLease? lease, out string? refusal))
        {
            throw new LimitExceededException(refusal);
        }

        StreamLease.Attach(lease, muxed.Id);
        return connection.Share(lease);
    }

    /// <summary>Agrees on a protocol with the remote; the lease is given back on failure, as nothing else holds it yet.</summary>
    private async ValueTask<Agreed<StreamHandler>?> AgreeAsync(IMuxedStream muxed, StreamShare share)
    {
        using Deadline deadline = Deadline.Start(node.Options.NegotiationTimeout, connection.Time, connection.Closing);
        try
        {
            return await MultistreamSelect.RespondAsync(muxed, node.Handlers, deadline.Token);
        }
        catch (Exception e)
        {
            share.Dispose();
            Exception cause = e is OperationCanceledException && deadline.IsOver ? deadline.Exceeded("Stream negotiation", e) : e;
            node.Instruments.NegotiationFailed(Direction.Inbound, cause);
            if (cause != e)
            {
                throw cause;
            }

            throw;
        }
    }

    /// <summary>Asks whoever may refuse it: the declared rule, the policy, the operation's bound.</summary>
    private async ValueTask AdmitAsync(P2PStream stream, StreamHandler handler, StreamShare share)
    {
        ConnectionAdmission.EnsureAllows(connection, handler, stream.Protocol);
        if (handler.AccessPolicy is not null)
        {
            StreamLease.Await(share.Lease, stream.Protocol, StreamAdmission.Policy);
            await node.Access.EnsureAdmittedAsync(stream, handler, connection.Closing);
        }

        share.Place = node.InboundGates.TryEnter(connection.RemotePeer, handler, stream, out IDisposable? place)
            ? place
            : await WaitForPlaceAsync(stream, handler, share.Lease);
        if (!share.Lease.TryAttribute(stream.Protocol, int.MaxValue, out string? refusal)) // the gate counts them, over all ids
        {
            throw new LimitExceededException(refusal);
        }

        share.IsServed = true;
    }

    private async ValueTask<IDisposable> WaitForPlaceAsync(P2PStream stream, StreamHandler handler, IStreamLease lease)
    {
        StreamLease.Await(lease, stream.Protocol, StreamAdmission.Place);
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stream.Aborted, connection.Closing);
        using Deadline deadline = Deadline.Start(handler.Limits.Exchange ?? node.Options.NegotiationTimeout, connection.Time, ends.Token);
        try
        {
            return await node.InboundGates.EnterAsync(connection.RemotePeer, handler, stream, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw new LimitExceededException(
                $"{connection.RemotePeer} has {handler.Limits.InboundPerPeer} inbound streams of {stream.Protocol}, as many as it may, and none ended in time");
        }
    }

    private void Tell(long stream, Exception failure, EndReason? reset, P2PStream? served)
    {
        if (served is null)
        {
            node.Instruments.StreamRefused(failure);
        }
        else
        {
            HandlerFailures.Tell(log, connection, served, failure, connection.Closing.IsCancellationRequested);
        }

        if (reset is not null)
        {
            ConnectionLog.StreamFailed(log, connection.Id, stream, reset.Reason, failure);
        }
    }
}
