using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using Libp2p.Connections;
using Libp2p.Node.Connections;
using Libp2p.Node.State;
using Libp2p.Scheduling;
using Libp2p.Transports;

namespace Libp2p.Node.Dialing;

/// <summary>
/// One dial: resolves names, and tries addresses one after the other without waiting long for any. The first connection wins, the
/// other attempts are cancelled and what they still bring is closed. Others may join it with addresses of theirs while it runs.
/// </summary>
/// <param name="request">What is wanted.</param>
/// <param name="node">The node's numbers, clock and peer store.</param>
/// <param name="attempts">Tries addresses.</param>
/// <param name="resolver">Resolves names.</param>
/// <param name="connections">Admits the winner.</param>
internal sealed class DialRace(DialRequest request, NodeParts node, DialAttempts attempts, AddressResolver resolver, ConnectionTable connections) : IAsyncDisposable
{
    private const int MaxShares = 4; // of those who wait, each brings as many addresses as one dial may try

    private readonly Lock _lock = new();

    // Each candidate tells its end once, a name was one too; null when there is something else to see to, which one null tells of.
    private readonly BoundedQueue<DialCandidate?> _ended = new((2 * MaxShares * node.Options.MaxDialAddresses) + 1);
    private readonly CancellationTokenSource _stopping = new(); // neither timer nor links of its own: nothing to dispose of
    private readonly List<Task> _tasks = [];
    private readonly HashSet<bool> _asked = []; // of the peer store: for all it has, for all but what failed a moment ago
    private ImmutableArray<DialCandidate> _candidates = []; // replaced as a whole: reports are made beside the race
    private IReadOnlyList<DialCandidate> _waiting = [];
    private PeerConnection? _given;
    private int _running;

    // Under the lock.
    private readonly Queue<DialOffer> _offers = new([DialOffer.Of(request)]); // beside the first, one for each who waits at the most
    private int _shares = 1;
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

    /// <summary>Has more addresses tried; false when the race is lost already.</summary>
    public bool Join(DialOffer offer)
    {
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            _shares = Math.Min(_shares + 1, MaxShares);
            _offers.Enqueue(offer);
        }

        _ended.TryEnqueue(null);
        return true;
    }

    /// <summary>Whether it knew all of the addresses; one dial tries a bounded number.</summary>
    public bool HasTried(IReadOnlyList<Multiaddress> addresses) => addresses.All(address => _candidates.Any(known => known.Address == address));

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
        foreach (DialCandidate candidate in _candidates)
        {
            if (candidate.Connection is { } late)
            {
                candidate.Connection = null;
                await late.DropAsync();
            }
        }
    }

    /// <summary>What became of each address.</summary>
    /// <param name="unfinished">Why those have failed that neither succeeded nor failed by themselves.</param>
    public DialException Report(Exception unfinished) => new(request.ExpectedPeer.Peer,
    [
        .. _candidates.Where(candidate => !candidate.IsReplaced).Select(candidate => new DialAttempt(
            candidate.Address, candidate.Stage, candidate.Failure is null or OperationCanceledException ? unfinished : candidate.Failure)),
    ]);

    /// <summary>What it is doing.</summary>
    public IReadOnlyList<DialAddressState> Describe() =>
        [.. _candidates.Where(candidate => !candidate.IsReplaced).Select(candidate => new DialAddressState(candidate.Address, candidate.Stage, candidate.Failure?.Message))];

    private async Task<PeerConnection?> ContestAsync(CancellationToken cancellationToken)
    {
        TimeProvider time = node.Seams.Time;
        long lastStart = 0;
        bool isDue = true; // the next one need not wait for the one before
        while (!IsLost())
        {
            TimeSpan wait = Timeout.InfiniteTimeSpan;
            if (_waiting.Count > 0 && _running < node.Options.MaxParallelDials)
            {
                wait = isDue ? TimeSpan.Zero : node.Options.DialStagger - time.GetElapsedTime(lastStart);
                if (wait <= TimeSpan.Zero)
                {
                    Start();
                    (lastStart, isDue) = (time.GetTimestamp(), false);
                    continue;
                }
            }

            using Deadline step = Deadline.Start(wait == Timeout.InfiniteTimeSpan ? null : wait, time, cancellationToken);
            try
            {
                (_, DialCandidate? candidate) = await _ended.DequeueAsync(step.Token);
                if (((candidate is null ? null : await TakeAsync(candidate)) ?? _given) is { } winner)
                {
                    return winner;
                }

                isDue |= candidate is not null; // it failed: no reason to wait for the next
            }
            catch (OperationCanceledException) when (step.IsOver)
            {
                isDue = true;
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
                    _isOver = _running == 0 && _waiting.Count == 0 && _asking == 0;
                    return _isOver;
                }

                if (offer.Addresses is null)
                {
                    _asking++;
                }
            }

            if (offer.Addresses is { } addresses)
            {
                Enter(addresses, offer.IsInsisted, offer.IsHearsay);
            }
            else
            {
                _tasks.Add(AskAsync(offer.IsInsisted));
            }
        }
    }

    /// <summary>What ended it: the peer store, if it was all there was to ask.</summary>
    private DialException Lost()
    {
        if (_candidates.IsEmpty && _storeFailure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return Report(new IOException("it was not tried"));
    }

    /// <summary>Makes candidates of addresses; those of which it is clear that they cannot be tried fail here.</summary>
    private void Enter(IEnumerable<Multiaddress> addresses, bool isInsisted, bool isHearsay)
    {
        List<DialCandidate> admitted = [];
        foreach (Multiaddress address in addresses)
        {
            if (_candidates.FirstOrDefault(known => known.Address == address) is { } known)
            {
                if (!known.IsLeftAlone || !isInsisted)
                {
                    continue;
                }

                _candidates = _candidates.Remove(known); // who asked before was more patient
            }

            if (_candidates.Count(entered => !entered.IsReplaced) >= _shares * node.Options.MaxDialAddresses)
            {
                break;
            }

            DialCandidate candidate = new(address, isInsisted, isHearsay);
            _candidates = _candidates.Add(candidate);
            if (!attempts.TryAdmit(candidate, request))
            {
                continue;
            }

            if (candidate.Transport is null)
            {
                Run(() => ResolveAsync(candidate));
            }
            else
            {
                admitted.Add(candidate);
            }
        }

        _waiting = AddressRanking.Order(_waiting.Concat(admitted), candidate => candidate.Target);
    }

    private void Start()
    {
        DialCandidate next = _waiting[0];
        _waiting = [.. _waiting.Skip(1)];
        Run(async () =>
        {
            await attempts.RunAsync(next, request, _stopping.Token);
            _ended.TryEnqueue(next);
        });
    }

    private void Run(Func<Task> work)
    {
        _running++;
        _tasks.Add(work());
    }

    /// <summary>Asks the peer store, once for all who want the same.</summary>
    private async Task AskAsync(bool isInsisted)
    {
        List<DialOffer> found = [];
        Exception? failure = null;
        if (_asked.Add(isInsisted))
        {
            try
            {
                PeerInfo? known = await node.Peers.GetAsync(request.ExpectedPeer.Peer!, _stopping.Token);
                foreach (PeerAddress address in known?.Addresses.Take(node.Options.MaxDialAddresses) ?? [])
                {
                    found.Add(new DialOffer([address.Address], isInsisted, address.Source is not (AddressSource.Configured or AddressSource.Connected)));
                }
            }
            catch (Exception e) // a store is anybody's
            {
                failure = e;
            }
        }

        lock (_lock)
        {
            _asking--;
            _storeFailure ??= failure;
            found.ForEach(_offers.Enqueue);
        }

        _ended.TryEnqueue(null);
    }

    private async Task ResolveAsync(DialCandidate name)
    {
        name.Stage = DialStage.Resolution;
        try
        {
            IReadOnlyList<Multiaddress> resolved = await resolver.ResolveAsync(name.Address, _stopping.Token);
            name.Resolved = name.IsHearsay ? AddressResolver.NotThisMachine(name.Address, resolved) : resolved;
        }
        catch (Exception e) // a resolver is anybody's
        {
            name.Failure = e;
        }

        _ended.TryEnqueue(name);
    }

    /// <summary>Takes the end of a candidate: a connection of the node's, or null.</summary>
    private async ValueTask<PeerConnection?> TakeAsync(DialCandidate candidate)
    {
        _running--;
        if (candidate.Resolved is { } resolved)
        {
            candidate.IsReplaced = true;
            Enter(resolved, candidate.IsInsisted, candidate.IsHearsay);
            return null;
        }

        if (candidate.Connection is not { } dialled)
        {
            return null;
        }

        candidate.Connection = null;
        try
        {
            PeerConnection connection = await connections.AddAsync(dialled.Upgraded, Direction.Outbound, dialled.Lease, dialled.IsAdmitted, request.Isolated);
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
