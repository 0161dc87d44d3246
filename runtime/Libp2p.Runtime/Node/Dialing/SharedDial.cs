using Libp2p.Node.Connections;
using Libp2p.Scheduling;

namespace Libp2p.Node.Dialing;

/// <summary>A dial that several wait for, each for as long as wanted. It has no time of its own: it ends when the last of them gives up.</summary>
/// <param name="race">Tries the addresses of all of them.</param>
internal sealed class SharedDial(DialRace race) : IAsyncDisposable
{
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>The dial.</summary>
    public Task<PeerConnection> Task { get; set; } = null!;

    /// <summary>What tries the addresses.</summary>
    public DialRace Race => race;

    /// <summary>What was told to the last who waited, when its time was over; null: it gave up for another reason, or did not.</summary>
    public DialException? TooLate { get; set; }

    /// <summary>How many wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Token => _abandoned.Token;

    public async ValueTask DisposeAsync()
    {
        _abandoned.Cancel();
        await Waits.SettleAsync(Task);
        _abandoned.Dispose();
    }
}
