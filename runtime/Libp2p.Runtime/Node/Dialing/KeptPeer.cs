using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Transports;

namespace Libp2p;

/// <summary>
/// A lease that keeps a peer connected: while it is held, the node dials whenever there is no connection, after a failure with a
/// growing pause and some chance in it, so that many who lost one peer do not come back at once. Disposing of it ends that and leaves
/// the connection.
/// </summary>
public sealed class KeptPeer : IAsyncDisposable
{
    /// <summary>The pause after a first failure; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan s_goodConnection = TimeSpan.FromSeconds(30);

    private readonly IDialer _dialer;
    private readonly NodeSeams _seams;
    private readonly Func<PeerId, IDisposable?> _protect;
    private readonly Action<KeptPeer> _released;
    private readonly CancellationTokenSource _releasing = new(); // neither timer nor links: nothing to dispose of
    private readonly Task _running;
    private int _tries; // since the peer was last connected for a while, which the pause grows with

    internal KeptPeer(PeerId peer, IDialer dialer, NodeSeams seams, Func<PeerId, IDisposable?> protect, Action<KeptPeer> released)
    {
        Peer = peer;
        _dialer = dialer;
        _seams = seams;
        _protect = protect;
        _released = released;
        _running = CleanContext.RunAsync(RunAsync);
    }

    /// <summary>Who is kept connected.</summary>
    public PeerId Peer { get; }

    /// <summary>The connection that is watched; null while there is none.</summary>
    public IPeerConnection? Connection { get; private set; }

    /// <summary>
    /// Failures since the peer was last connected for a while: dials, and connections that broke soon. A connection that either side
    /// closed in order is no failure, but the next dial waits all the same when it did not last.
    /// </summary>
    public int Failures { get; private set; }

    /// <summary>What failed last: a dial, or a connection that did not last.</summary>
    public Exception? LastFailure { get; private set; }

    /// <summary>Keeps the peer connected no longer. Idempotent; when it returns nothing of the lease runs.</summary>
    public async ValueTask DisposeAsync()
    {
        await _seams.Scheduler.Enter();
        _releasing.Cancel();
        await _running;
        _released(this);
    }

    /// <inheritdoc/>
    public override string ToString() => Connection is { } connection
        ? $"{Peer}: connected ({connection.Id})"
        : $"{Peer}: not connected, {Failures} failures{(LastFailure is { } last ? $", the last: {last.Message}" : string.Empty)}";

    private async Task RunAsync()
    {
        using IDisposable? protection = _protect(Peer); // its addresses do not expire while it is kept
        await _seams.Scheduler.Enter();
        try
        {
            while (!_releasing.IsCancellationRequested)
            {
                await ConnectAsync();
                if (_tries > 0)
                {
                    await Task.Delay(NextPause(), _seams.Time, _releasing.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_releasing.IsCancellationRequested)
        {
            // The lease has ended.
        }

        Connection = null;
    }

    /// <summary>Connects, and returns when that failed or the connection has ended.</summary>
    private async Task ConnectAsync()
    {
        DialRequest request = new() { ExpectedPeer = ExpectedPeer.Exactly(Peer), IgnoreBackoff = true };
        long started = _seams.Time.GetTimestamp();
        bool isFailure = true;
        try
        {
            Connection = await _dialer.ConnectAsync(request, _releasing.Token);
            EndReason reason = await EndOf(Connection).WaitAsync(_releasing.Token);
            isFailure = !reason.IsClean;
            LastFailure = new ConnectionClosedException($"The connection ended: {reason}", reason);
        }
        catch (Exception e) when (e is not OperationCanceledException || !_releasing.IsCancellationRequested)
        {
            LastFailure = e; // also what a foreign peer store or transport throws, its own cancellations too: keeping on is the point
        }

        bool wasGood = Connection is not null && _seams.Time.GetElapsedTime(started) >= s_goodConnection;
        Connection = null;
        _tries = wasGood ? 0 : _tries + 1;
        Failures = wasGood ? 0 : isFailure ? Failures + 1 : Failures;

        // An async method between, so that cancelling the wait stays on the node's scheduler.
        static async Task<EndReason> EndOf(IPeerConnection connection) => await connection.Completion;
    }

    /// <summary>Between half of the pause and the whole of it.</summary>
    private TimeSpan NextPause()
    {
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(_tries - 1, 16));
        pause = pause < LongestPause ? pause : LongestPause;
        return (pause / 2) + (pause / 2 * (_seams.Random.Next(1001) / 1000.0));
    }
}
