using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>The streams that the remote of a connection opens: each is leased, agrees on a protocol, is admitted, and goes to its handler.</summary>
internal sealed class InboundStreams
{
    private readonly StreamHost _host;
    private readonly TaskSet _serving = new();
    private readonly ServingTurns _turns;
    private IMuxedStream? _lone; // to be served once the next is waited for
    private volatile bool _isRefusing;

    public InboundStreams(StreamHost host)
    {
        _host = host;
        _turns = new ServingTurns(host.Scheduler);
    }

    private NodeParts Node => _host.Node;

    /// <summary>Streams being served or negotiated.</summary>
    public int Count => _serving.Count;

    /// <summary>Takes no more streams.</summary>
    public void Refuse() => _isRefusing = true;

    /// <summary>Serves what the remote opens, until there will be no more.</summary>
    public async Task RunAsync()
    {
        IMuxedStream? stream = await _host.Muxed.AcceptStreamAsync(CancellationToken.None);
        bool isOneOfMany = false;
        while (stream is not null)
        {
            ValueTask<IMuxedStream?> next = _host.Muxed.AcceptStreamAsync(CancellationToken.None);
            bool isLast = !next.IsCompleted;
            if (isOneOfMany || !isLast)
            {
                Serve(stream, hasOwnTurn: true);
                stream = null;
                stream = await next;
            }
            else
            {
                _lone = stream;
                stream = null; // an idle connection keeps none
                stream = await new NextStream(next, this);
            }

            isOneOfMany = !isLast;
        }
    }

    /// <summary>The stream to serve once the next is waited for.</summary>
    public IMuxedStream TakeLone()
    {
        IMuxedStream lone = _lone!;
        _lone = null;
        return lone;
    }

    /// <summary>Serves a stream that came alone; does not throw.</summary>
    public void Serve(IMuxedStream muxed) => Serve(muxed, hasOwnTurn: false);

    /// <summary>Waits until none is served. Handlers that ignore their cancellation for the node's close time are left behind.</summary>
    public async Task CloseAsync()
    {
        Task closing = _serving.CloseAsync();
        if (closing.IsCompleted)
        {
            await closing;
            return;
        }

        string protocols = string.Join(", ", _host.Lease.Streams.Where(lease => lease.Direction == Direction.Inbound).Select(lease => lease.Name).Distinct());
        using Deadline deadline = Deadline.Start(Node.Options.CloseTimeout, _host.Time, CancellationToken.None);
        try
        {
            await Node.Abandoned.WaitAsync($"Handlers of {protocols} for {_host.RemotePeer}", closing, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            // They are listed in the node's state until they return.
        }
    }

    private void Serve(IMuxedStream muxed, bool hasOwnTurn) =>
        _serving.TryRun(static arrival => arrival.Streams.ServeAsync(arrival.Muxed, arrival.HasOwnTurn), (Streams: this, Muxed: muxed, HasOwnTurn: hasOwnTurn));

    /// <summary>Serves a stream to its end.</summary>
    /// <param name="muxed">Owned.</param>
    /// <param name="hasOwnTurn">One of several that arrived at once: leased in the order of arrival, served beside the others.</param>
    private async Task ServeAsync(IMuxedStream muxed, bool hasOwnTurn)
    {
        IAsyncDisposable owned = muxed;
        StreamLease? lease = null;
        bool isServed = false;
        try
        {
            lease = Lease(muxed);
            if (hasOwnTurn)
            {
                await _turns.NextAsync();
            }

            if (await AgreeAsync(muxed, lease) is not { } agreed)
            {
                lease.Dispose();
                await muxed.DisposeAsync(); // the remote ended the stream without a protocol
                return;
            }

            P2PStream stream = new(muxed, agreed.Id, _host.Connection, _host.Time, lease) { Scheduler = _host.Scheduler, Telemetry = Node.Telemetry };
            owned = stream;
            Node.Instruments.StreamOpened(Direction.Inbound, agreed.Handler.Ids.Contains(agreed.Id) ? agreed.Id.Value : "matched");
            await AdmitAsync(stream, agreed.Handler, lease);
            isServed = true;
            await agreed.Handler.HandleAsync(stream, _host.Closing);
            if (!stream.IsDetached)
            {
                await stream.DisposeAsync();
            }
        }
        catch (Exception e) // what a handler throws ends its stream, never the connection
        {
            EndReason reason = StreamEnds.Explain(e, isOver: muxed.Aborted.IsCancellationRequested || _host.Closing.IsCancellationRequested);
            bool isDetached = owned is P2PStream { IsDetached: true }; // then it belongs to the code that detached it, and goes on
            try
            {
                Report(muxed.Id, e, isDetached ? null : reason, isServed ? owned as P2PStream : null);
            }
            finally
            {
                if (!isDetached)
                {
                    muxed.Reset(reason); // after it was counted and logged
                    await owned.DisposeAsync();
                }
            }
        }
    }

    private StreamLease Lease(IMuxedStream muxed)
    {
        if (_isRefusing)
        {
            throw new ConnectionClosedException("The node is closing", new EndReason(EndedBy.Local, ErrorCode.Shutdown, "The node is closing"));
        }

        StreamLease lease = _host.Lease.TryLeaseStream(Direction.Inbound, out string? refusal) ?? throw new LimitExceededException(refusal!);
        lease.StreamId = muxed.Id;
        return lease;
    }

    /// <summary>Agrees on a protocol with the remote; the lease is given back on failure, as nothing else holds it yet.</summary>
    private async ValueTask<Agreed<StreamHandler>?> AgreeAsync(IMuxedStream muxed, StreamLease lease)
    {
        using Deadline deadline = Deadline.Start(Node.Options.NegotiationTimeout, _host.Time, _host.Closing);
        try
        {
            return await MultistreamSelect.RespondAsync(muxed, Node.Handlers, deadline.Token);
        }
        catch (Exception e)
        {
            lease.Dispose();
            Exception cause = e is OperationCanceledException && deadline.IsOver ? deadline.Exceeded("Stream negotiation", e) : e;
            Node.Instruments.NegotiationFailed(Direction.Inbound, cause);
            if (cause != e)
            {
                throw cause;
            }

            throw;
        }
    }

    /// <summary>Asks all that may refuse it: the declared requirement, the policy, the operation's bound.</summary>
    private async ValueTask AdmitAsync(P2PStream stream, StreamHandler handler, StreamLease lease)
    {
        RequirementCheck.EnsureAllows(_host.Connection, handler, stream.Protocol);
        if (handler.AccessPolicy is not null)
        {
            lease.Await(stream.Protocol, StreamAdmission.Policy);
            await Node.Abandoned.WaitAsync(
                $"The policy '{handler.AccessPolicy}' for {_host.RemotePeer}", Node.Access.EnsureAdmittedAsync(stream, handler, _host.Closing).AsTask(), stream.Aborted);
        }

        lease.Await(stream.Protocol, StreamAdmission.Place);
        OperationBound bound = new(handler, null, handler.Limits.InboundPerPeer, handler.Limits.WhenFull);
        if (bound.WhenFull == WhenFull.Wait)
        {
            await WaitForPlaceAsync(stream, handler, lease, bound);
        }
        else
        {
            await lease.EnterAsync(bound, stream.Aborted);
        }

        if (!lease.TryAttribute(stream.Protocol, out string? refusal))
        {
            throw new LimitExceededException(refusal);
        }
    }

    private async ValueTask WaitForPlaceAsync(P2PStream stream, StreamHandler handler, StreamLease lease, OperationBound bound)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stream.Aborted, _host.Closing);
        using Deadline deadline = Deadline.Start(handler.Limits.Exchange ?? Node.Options.NegotiationTimeout, _host.Time, ends.Token);
        try
        {
            await lease.EnterAsync(bound, deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw new LimitExceededException(
                $"{_host.RemotePeer} has {bound.Limit} inbound streams of {stream.Protocol}, as many as it may, and none ended in time");
        }
    }

    private void Report(long stream, Exception failure, EndReason? reset, P2PStream? served)
    {
        if (served is null)
        {
            Node.Instruments.StreamRefused(failure);
        }
        else
        {
            HandlerFailures.Tell(_host.Log, _host.Connection, served, failure, _host.Closing.IsCancellationRequested);
        }

        if (reset is not null)
        {
            StreamLog.StreamFailed(_host.Log, _host.Connection.Id, stream, reset.Reason, failure);
        }
    }
}
