using Libp2p.Scheduling;

namespace Libp2p.Node;

/// <summary>Work that lives as long as its owner, a connection or the node: cancelled and awaited when that ends. Thread-safe.</summary>
internal sealed class OwnedWork : IAsyncDisposable
{
    private readonly TaskSet _tasks = new();
    private readonly CancellationTokenSource _ending = new(); // has neither timer nor links, so nothing to dispose of

    /// <summary>Starts work that handles its own failures. False when the owner has ended; then nothing was started.</summary>
    public bool TryRun(Func<CancellationToken, Task> work) => _tasks.TryRun(() => work(_ending.Token));

    /// <summary>Cancels what runs, and waits for it. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        _ending.Cancel();
        await _tasks.CloseAsync();
    }
}
