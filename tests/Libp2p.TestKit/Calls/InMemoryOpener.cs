using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Scheduling;
using Libp2p.Telemetry;

namespace Libp2p.TestKit.Calls;

/// <summary>
/// Opens streams in memory, to a function that plays the remote: what generated clients stand on in tests. Streams given back are
/// handed out again, the newest first.
/// </summary>
/// <param name="remote">Plays the responder of one stream; owns it. Ends the stream as a node would: in order, or with a reset.</param>
/// <param name="time">The clock.</param>
/// <param name="window">Bytes a direction of a stream holds.</param>
public sealed class InMemoryOpener(Func<P2PStream, ValueTask> remote, TimeProvider? time = null, int window = InMemoryStreamPair.DefaultWindow)
    : IStreamOpener, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<P2PStream> _idle = new();
    private readonly List<Task<Exception?>> _serving = [];
    private readonly List<Task> _keeping = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly IConnectionLease _connection = Connect();

    public TimeProvider Time { get; } = time ?? TimeProvider.System;

    public NodeScheduler Scheduler => ThreadPoolScheduler.Instance;

    public IRandomSource Random { get; } = new SeededRandomSource(1);

    public NodeTelemetry? Telemetry { get; init; }

    /// <summary>What calls left behind, in order.</summary>
    public List<string> Abandoned { get; } = [];

    /// <summary>Work that calls may leave behind.</summary>
    public int MaxAbandoned { get; init; } = 16;

    /// <summary>What was asked for, in order.</summary>
    public List<StreamRequest> Requests { get; } = [];

    /// <summary>The initiator's ends that were handed out, each once.</summary>
    public List<P2PStream> Opened { get; } = [];

    /// <summary>Streams given back and not yet handed out again.</summary>
    public int IdleCount
    {
        get
        {
            lock (_gate)
            {
                return _idle.Count;
            }
        }
    }

    /// <summary>Put around both ends of each stream.</summary>
    public Func<IMuxedStream, IMuxedStream> Around { get; init; } = static stream => stream;

    /// <summary>Awaited before a stream is opened: a slow negotiation.</summary>
    public Func<CancellationToken, Task> BeforeOpen { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Serves the protocol with an implementation, as a node would.</summary>
    public static InMemoryOpener To<T>(Protocol<T> protocol, T implementation, TimeProvider? time = null, int window = InMemoryStreamPair.DefaultWindow)
        where T : class
    {
        IReadOnlyList<StreamHandler> handlers = protocol.CreateHandlers(implementation);
        return new InMemoryOpener(ServeAsync, time, window);

        async ValueTask ServeAsync(P2PStream stream)
        {
            StreamHandler handler = handlers.First(handler => handler.Ids.Contains(stream.Protocol));
            await stream.Lease!.EnterAsync(new OperationBound(handler, null, handler.Limits.InboundPerPeer, handler.Limits.WhenFull), stream.Aborted);
            await handler.HandleAsync(stream, CancellationToken.None);
        }
    }

    public async ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Requests.Add(request);
            if (request.ReuseIdle is not null && _idle.TryPop(out P2PStream? idle))
            {
                return idle;
            }
        }

        await BeforeOpen(cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        InMemoryStreamPair pair = new(window);
        P2PStream inbound = new(Around(pair.Responder), request.Protocols[0], null, Time, Lease(request.Protocols[0]));
        P2PStream outbound = new(Around(pair.Initiator), request.Protocols[0], null, Time);
        lock (_gate)
        {
            Opened.Add(outbound);
            _serving.Add(ServeAsync(inbound));
        }

        return outbound;
    }

    public void Return(P2PStream stream, StreamRequest request)
    {
        lock (_gate)
        {
            _idle.Push(stream);
        }
    }

    public bool TryRun(Func<CancellationToken, Task> work)
    {
        lock (_gate)
        {
            if (_ending.IsCancellationRequested)
            {
                return false;
            }

            _keeping.Add(work(_ending.Token));
            return true;
        }
    }

    public bool TryAbandon(Task work, string what)
    {
        lock (_gate)
        {
            if (Abandoned.Count == MaxAbandoned)
            {
                return false;
            }

            Abandoned.Add(what);
            _keeping.Add(work);
            return true;
        }
    }

    /// <summary>How the remote's side of each stream ended: null where it returned.</summary>
    public async Task<IReadOnlyList<Exception?>> RemotesAsync()
    {
        Task<Exception?>[] serving;
        lock (_gate)
        {
            serving = [.. _serving];
        }

        return await Task.WhenAll(serving);
    }

    /// <summary>Ends what keeps streams open and the idle streams, and waits for the remotes.</summary>
    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        while (_idle.TryPop(out P2PStream? stream))
        {
            await stream.DisposeAsync();
        }

        await RemotesAsync();
    }

    /// <summary>Ends what keeps streams open, as a node that ends does.</summary>
    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_keeping);
    }

    private IStreamLease Lease(ProtocolId protocol) =>
        _connection.TryOpenStream(Direction.Inbound, out IStreamLease? lease, out string? refusal) && lease.TryAttribute(protocol, out refusal)
            ? lease
            : throw new LimitExceededException(refusal!);

    /// <summary>A connection of one peer in a ledger with the default ceilings.</summary>
    private static IConnectionLease Connect()
    {
        ResourceManager ledger = new(new ResourceLimits());
        PeerId peer = TestIdentity.Ed25519(1).PublicKey.PeerId;
        return ledger.TryOpenConnection(Direction.Inbound, Multiaddress.Parse("/memory/1"), out IConnectionLease? lease, out string? refusal) && lease.TryAttribute(peer, out refusal)
            ? lease
            : throw new LimitExceededException(refusal!);
    }

    private async Task<Exception?> ServeAsync(P2PStream stream)
    {
        await Task.Yield();
        Exception? failure = null;
        try
        {
            await remote(stream);
        }
        catch (Exception e)
        {
            failure = e;
            if (!stream.IsDetached)
            {
                stream.Reset(HandlerFailure.ReasonFor(e));
            }
        }

        if (!stream.IsDetached)
        {
            await stream.DisposeAsync();
        }

        return failure;
    }
}
