using System.Collections.Immutable;
using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Transports;

namespace Libp2p.Hosting;

/// <summary>
/// One dial: resolves names, and tries addresses one after the other without waiting long for any. The first connection wins, the
/// other attempts are cancelled and what they still bring is closed.
/// </summary>
/// <param name="request">What is wanted.</param>
/// <param name="node">The node's numbers and clock.</param>
/// <param name="attempts">Tries addresses.</param>
/// <param name="resolver">Resolves names.</param>
/// <param name="connections">Admits the winner.</param>
internal sealed class DialRace(DialRequest request, NodeParts node, DialAttempts attempts, AddressResolver resolver, ConnectionTable connections) : IAsyncDisposable
{
    // Each candidate tells its end once, and somebody else may end the race; a name was a candidate too.
    private readonly BoundedQueue<DialCandidate?> _ended = new((2 * node.Options.MaxDialAddresses) + 1);
    private readonly CancellationTokenSource _stopping = new(); // neither timer nor links of its own: nothing to dispose of
    private readonly List<Task> _tasks = [];
    private ImmutableArray<DialCandidate> _candidates = []; // replaced as a whole: reports are made beside the race
    private IReadOnlyList<DialCandidate> _waiting = [];
    private PeerConnection? _given;
    private int _running;

    /// <summary>Runs the race; when it has failed or was cancelled nothing of it is left.</summary>
    /// <param name="addresses">What to try, in any order.</param>
    /// <param name="deadline">The dial's time.</param>
    /// <exception cref="DialException">Each address, how far it got, and why it failed.</exception>
    public async Task<PeerConnection> RunAsync(IReadOnlyList<Multiaddress> addresses, Deadline deadline)
    {
        using CancellationTokenRegistration ended = deadline.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _stopping);
        try
        {
            Enter(addresses);
            return await ContestAsync(deadline.Token) ?? throw Report(new IOException("it was not tried"));
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
        await Tasks.Settle([.. _tasks]);
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
        while (_running > 0 || _waiting.Count > 0)
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
                if ((candidate is null ? _given : await TakeAsync(candidate)) is { } winner)
                {
                    return winner;
                }

                isDue = true; // it failed: no reason to wait for the next
            }
            catch (OperationCanceledException) when (step.IsOver)
            {
                isDue = true;
            }
        }

        return null;
    }

    /// <summary>Makes candidates of addresses; those of which it is clear that they cannot be tried fail here.</summary>
    private void Enter(IEnumerable<Multiaddress> addresses)
    {
        List<DialCandidate> admitted = [];
        foreach (Multiaddress address in addresses.Where(address => _candidates.All(known => known.Address != address)))
        {
            if (_candidates.Count(known => !known.IsReplaced) == node.Options.MaxDialAddresses)
            {
                break;
            }

            DialCandidate candidate = new(address);
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

    private async Task ResolveAsync(DialCandidate name)
    {
        name.Stage = DialStage.Resolution;
        try
        {
            name.Resolved = await resolver.ResolveAsync(name.Address, _stopping.Token);
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
            Enter(resolved);
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

    /// <summary>The address that won; null where the race was lost, or won elsewhere.</summary>
    public DialCandidate? Winner { get; private set; }
}
