using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Libp2p.Connections;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Services;
using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>
/// One dial: runs what its <see cref="DialPlan"/> decides. The first connection wins, the other attempts are cancelled and what they
/// still bring is closed. Further callers may join it with addresses of theirs while it runs.
/// </summary>
/// <param name="request">What is wanted.</param>
/// <param name="node">The node's numbers, clock and peer store.</param>
/// <param name="attempts">Tries addresses.</param>
/// <param name="gate">Has the gaters asked about addresses.</param>
/// <param name="resolver">Resolves names.</param>
/// <param name="connections">Admits the winner.</param>
internal sealed class DialRace(
    DialRequest request, NodeParts node, DialAttempts attempts, DialGate gate, AddressResolver resolver, ConnectionTable connections) : IAsyncDisposable
{
    // Each candidate tells its end once; null when there is something else to see to, which one null tells of.
    private readonly BoundedQueue<DialCandidate?> _ended = new((16 * node.Options.MaxDialAddresses) + 1);
    private readonly CancellationTokenSource _stopping = new(); // neither timer nor links of its own: nothing to dispose of
    private readonly DialPlan _plan = new(node.Options, gate.TryAdmit);
    private readonly DialPlaces.LenderList _lenders = new();
    private readonly List<Task> _tasks = [];
    private readonly HashSet<bool> _asked = []; // the peer store: for all it has, for all but what failed a moment ago
    private PeerConnection? _given;

    // Under the lock.
    private readonly Lock _lock = new();
    private readonly Queue<DialOffer> _offers = new([DialOffer.Of(request)]);
    private int _asking;
    private bool _isOver;
    private Exception? _storeFailure;

    /// <summary>The address that won; null where the race was lost, or won elsewhere.</summary>
    public DialCandidate? Winner { get; private set; }

    /// <summary>Runs the race; when it has failed or was cancelled nothing of it is left.</summary>
    /// <param name="deadline">The dial's time.</param>
    /// <exception cref="DialException">Each address, how far it got, and why it failed.</exception>
    public async Task<PeerConnection> RunAsync(Deadline deadline)
    {
        using CancellationTokenRegistration ended = deadline.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stopping);
        try
        {
            Lend(request);
            return await ContestAsync(deadline.Token) ?? throw Lost();
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            await DisposeAsync();
            throw Report(deadline.Exceeded("The dial", e));
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the addresses of another request tried; false when the race is lost already.</summary>
    public bool Join(DialRequest other)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            _plan.Share();
            _offers.Enqueue(DialOffer.Of(other));
        }

        Lend(other);
        _ended.TryEnqueue(null);
        return true;
    }

    /// <inheritdoc cref="DialPlan.HasTried"/>
    public bool HasTried(IReadOnlyList<Multiaddress> addresses) => _plan.HasTried(addresses);

    /// <summary>Ends the race with a connection to the peer that came from elsewhere.</summary>
    public void EndWith(PeerConnection connection)
    {
        if (Interlocked.CompareExchange(ref _given, connection, null) is null)
        {
            _ended.TryEnqueue(null);
        }
    }

    /// <summary>Cancels what still runs, waits for it, and closes what it brings. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping.Cancel();
        await Waits.SettleAsync([.. _tasks]);
        foreach (DialCandidate candidate in _plan.Candidates)
        {
            if (candidate.Connection is { } late)
            {
                candidate.Connection = null;
                await late.DisposeAsync();
            }
        }
    }

    /// <summary>What became of each address.</summary>
    /// <param name="unfinished">Why those have failed that neither succeeded nor failed by themselves.</param>
    public DialException Report(Exception unfinished) => new(request.ExpectedPeer.Peer,
    [
        .. Reported().Select(candidate => new DialAttempt(
            candidate.Address, candidate.Stage, candidate.Failure is null or OperationCanceledException ? unfinished : candidate.Failure)),
    ]);

    /// <summary>What it is doing.</summary>
    public IReadOnlyList<DialAddressState> Describe() =>
        [.. Reported().Select(candidate => new DialAddressState(candidate.Address, candidate.Stage, candidate.Failure?.Message))];

    private IEnumerable<DialCandidate> Reported() => _plan.Candidates.Where(candidate => !candidate.IsReplaced);

    private void Lend(DialRequest lender)
    {
        if (lender.OnBehalfOf is { } place)
        {
            attempts.Places.Lend(_lenders, place);
        }
    }

    private async Task<PeerConnection?> ContestAsync(CancellationToken cancellationToken)
    {
        TimeProvider time = node.Seams.Time;
        long began = time.GetTimestamp();
        while (!IsLost())
        {
            if (_plan.Next(time.GetElapsedTime(began), out TimeSpan? wait) is { } next)
            {
                _tasks.Add(TryAsync(next));
                continue;
            }

            using Deadline step = Deadline.Start(wait, time, cancellationToken);
            try
            {
                (_, DialCandidate? candidate) = await _ended.DequeueAsync(step.Token);
                if (((candidate is null ? null : await TakeAsync(candidate)) ?? _given) is { } winner)
                {
                    return winner;
                }
            }
            catch (OperationCanceledException) when (step.IsOver)
            {
                // The next address is due.
            }
        }

        return null;
    }

    /// <summary>Lets in what was offered. Whether nothing is left to try, and nothing is let in from now on.</summary>
    private bool IsLost()
    {
        while (true)
        {
            DialOffer offer;
            lock (_lock)
            {
                if (!_offers.TryDequeue(out offer))
                {
                    _isOver = _plan.IsIdle && _asking == 0;
                    return _isOver;
                }

                _asking += offer.Addresses is null ? 1 : 0;
            }

            if (offer.Addresses is not { } addresses)
            {
                _tasks.Add(AskAsync(offer.IsInsisted));
                continue;
            }

            Enter(offer);
            if (!offer.IsAnswered && request.ExpectedPeer.Peer is not null && addresses.Any(address => address.WithoutPeer().Count == 0))
            {
                Offer([new DialOffer(null, offer.IsInsisted, IsHearsay: false)]); // a peer without a place: the peer store may know one
            }
        }
    }

    /// <summary>What ended it: the peer store's failure, if the store was all there was to ask.</summary>
    private DialException Lost()
    {
        if (_plan.Candidates.IsEmpty && _storeFailure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return Report(new IOException("it was not tried"));
    }

    private void Enter(DialOffer offer)
    {
        IReadOnlyList<Multiaddress> ready = gate.Divide(offer, out IReadOnlyList<DialCandidate> unasked);
        foreach (DialCandidate name in _plan.Enter(ready, offer.IsInsisted, offer.IsHearsay))
        {
            _tasks.Add(ResolveAsync(name));
        }

        if (unasked.Count > 0)
        {
            Offer([], answered: -1);
            _tasks.Add(AskGatersAsync(unasked));
        }
    }

    /// <summary>
    /// Enters what the gaters answer in the time of one stagger together, so that the best address of them is tried first, and what they
    /// answer later as it comes.
    /// </summary>
    private async Task AskGatersAsync(IReadOnlyList<DialCandidate> unasked)
    {
        Task[] questions = [.. unasked.Select(candidate => gate.AskAsync(candidate, _stopping.Token))];
        using CancellationTokenSource answered = new();
        Task moment = Waits.SettleAsync(Waits.DelayAsync(node.Options.DialStagger, node.Seams.Time, answered.Token));
        await Task.WhenAny(Task.WhenAll(questions), moment);
        answered.Cancel();
        await moment;
        ILookup<bool, (DialCandidate Candidate, Task Question)> byAnswer = unasked.Zip(questions).ToLookup(static asked => asked.Second.IsCompleted);
        Offer([.. byAnswer[true].Select(static asked => DialOffer.Answered(asked.Candidate))]);
        await Task.WhenAll(byAnswer[false].Select(async asked =>
        {
            await asked.Question;
            Offer([DialOffer.Answered(asked.Candidate)]);
        }));
        Offer([], answered: 1);
    }

    private async Task TryAsync(DialCandidate candidate)
    {
        await attempts.RunAsync(candidate, request, _lenders, _stopping.Token);
        _ended.TryEnqueue(candidate);
    }

    private void Offer(IReadOnlyList<DialOffer> offers, int answered = 0, Exception? failure = null)
    {
        lock (_lock)
        {
            _asking -= answered;
            _storeFailure ??= failure;
            foreach (DialOffer offer in offers)
            {
                _offers.Enqueue(offer);
            }
        }

        _ended.TryEnqueue(null);
    }

    /// <summary>Asks the peer store, once for all callers that want the same; and where it knows no address of use, the peer routers.</summary>
    private async Task AskAsync(bool isInsisted)
    {
        if (!_asked.Add(isInsisted))
        {
            Offer([], answered: 1);
            return;
        }

        PeerId peer = request.ExpectedPeer.Peer!;
        List<DialOffer> found = [];
        Exception? failure = null;
        try
        {
            Task<PeerInfo?> asking = node.Peers.GetAsync(peer, _stopping.Token).AsTask();
            PeerInfo? known = await node.Abandoned.WaitAsync("The peer store", asking, _stopping.Token);
            found = [.. known?.Addresses.Select(address => new DialOffer(
                [address.Address], isInsisted, address.Source is not (AddressSource.Configured or AddressSource.Connected))) ?? []];
        }
        catch (Exception e) // third-party stores may throw anything
        {
            failure = e;
        }

        ImmutableArray<IPeerRouting> routers = found.Any(offer => attempts.CanDial(offer.Addresses![0])) ? [] : node.Routers.All;
        Offer(found);
        try
        {
            await Task.WhenAll(routers.Select(router => RouteAsync(router, peer, isInsisted)));
        }
        finally
        {
            Offer([], answered: 1, failure);
        }
    }

    /// <summary>Takes the addresses that a router finds, as they come.</summary>
    private async Task RouteAsync(IPeerRouting router, PeerId peer, bool isInsisted)
    {
        try
        {
            await node.Abandoned.WaitAsync($"Peer routing by {router.Name}", FindAsync(), _stopping.Token);
        }
        catch (Exception e) // third-party routers may throw anything
        {
            if (!_stopping.IsCancellationRequested)
            {
                DialLog.RoutingFailed(node.ConnectionLogger, router.Name, peer, e.Message);
            }
        }

        async Task FindAsync()
        {
            int left = 4 * node.Options.MaxDialAddresses;
            await foreach (Multiaddress address in router.FindPeerAsync(peer, _stopping.Token))
            {
                Offer([new DialOffer([address], isInsisted, IsHearsay: true)]);
                if (--left == 0)
                {
                    return;
                }
            }
        }
    }

    private async Task ResolveAsync(DialCandidate name)
    {
        name.Stage = DialStage.Resolution;
        try
        {
            using DialPlaces.Place place = await attempts.Places.EnterAsync(_lenders, _stopping.Token);
            IReadOnlyList<Multiaddress> resolved = await resolver.ResolveAsync(name.Address, name.IsHearsay, _stopping.Token);
            name.Resolved = name.IsHearsay ? AddressResolver.NotThisMachine(name.Address, resolved) : resolved;
        }
        catch (Exception e) // third-party resolvers may throw anything
        {
            name.Failure = e;
        }

        _ended.TryEnqueue(name);
    }

    /// <summary>Takes the end of a candidate: a connection of the node's, or null.</summary>
    private async ValueTask<PeerConnection?> TakeAsync(DialCandidate candidate)
    {
        _plan.Ended();
        if (candidate.Resolved is { } resolved)
        {
            candidate.IsReplaced = true;
            Enter(new DialOffer(resolved, candidate.IsInsisted, candidate.IsHearsay));
            return null;
        }

        if (candidate.Connection is not { } dialled)
        {
            return null;
        }

        candidate.Connection = null;
        try
        {
            PeerConnection connection = await connections.AddAsync(dialled.Upgraded, Direction.Outbound, dialled.Lease, _stopping.Token, request.Isolated);
            attempts.Backoff.Succeeded(candidate.Target, candidate.Expected);
            Winner = candidate;
            return connection;
        }
        catch (Libp2pException e)
        {
            (candidate.Stage, candidate.Failure) = (DialStage.Admission, e);
            attempts.Fail(candidate);
            return null;
        }
    }
}
