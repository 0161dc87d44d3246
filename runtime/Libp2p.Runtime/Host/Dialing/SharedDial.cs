using Libp2p.Scheduling;

namespace Libp2p.Hosting;

/// <summary>A dial that several wait for. It ends when the last of them gives up.</summary>
internal sealed class SharedDial : IAsyncDisposable
{
    private readonly CancellationTokenSource _abandoned = new();

    /// <summary>The dial.</summary>
    public Task<PeerConnection> Task { get; set; } = null!;

    /// <summary>What tries the addresses; null before it does.</summary>
    public DialRace? Race { get; set; }

    /// <summary>How many wait.</summary>
    public int Waiting { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Token => _abandoned.Token;

    public async ValueTask DisposeAsync()
    {
        _abandoned.Cancel();
        await Tasks.Settle(Task);
        _abandoned.Dispose();
    }
}
