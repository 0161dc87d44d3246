using System.Runtime.CompilerServices;
using Libp2p.Scheduling;

namespace Libp2p.Node;

/// <summary>
/// The application's peer store as the node's services see it: each wait for it has an end, after which the store is left behind with what
/// it was asked. Thread-safe.
/// </summary>
/// <param name="store">The application's.</param>
/// <param name="abandoned">Keeps what is left behind.</param>
/// <param name="time">The node's clock.</param>
internal sealed class BoundedPeerStore(IPeerStore store, AbandonedWork abandoned, TimeProvider time) : IPeerStore
{
    /// <summary>Time for one answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string What = "The peer store";

    /// <inheritdoc/>
    public ValueTask<PeerInfo?> GetAsync(PeerId peer, CancellationToken cancellationToken) =>
        WaitAsync(token => store.GetAsync(peer, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask AddAddressesAsync(
        PeerId peer, IReadOnlyList<Multiaddress> addresses, AddressSource source, TimeSpan lifetime, CancellationToken cancellationToken) =>
        await WaitAsync(token => store.AddAddressesAsync(peer, addresses, source, lifetime, token), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> SetRecordAsync(
        PeerId peer, ulong sequence, IReadOnlyList<Multiaddress> addresses, TimeSpan lifetime, CancellationToken cancellationToken) =>
        WaitAsync(token => store.SetRecordAsync(peer, sequence, addresses, lifetime, token), cancellationToken);

    /// <inheritdoc/>
    public IDisposable Protect(PeerId peer) => store.Protect(peer);

    /// <inheritdoc/>
    public async ValueTask SetProtocolsAsync(PeerId peer, IReadOnlyList<ProtocolId> protocols, CancellationToken cancellationToken) =>
        await WaitAsync(token => store.SetProtocolsAsync(peer, protocols, token), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(PeerId peer, CancellationToken cancellationToken) =>
        await WaitAsync(token => store.RemoveAsync(peer, token), cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PeerInfo> GetAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Enumeration all = new(store.GetAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken));
        try
        {
            while ((await WaitAsync(_ => all.NextAsync(), cancellationToken)).HasItem)
            {
                yield return all.Current;
            }
        }
        finally
        {
            await (all.IsWaiting ? ValueTask.CompletedTask : all.DisposeAsync()); // one that was left behind is disposed of when it returns
        }
    }

    private ValueTask<bool> WaitAsync(Func<CancellationToken, ValueTask> ask, CancellationToken cancellationToken) => WaitAsync(
        async token =>
        {
            await ask(token);
            return true;
        },
        cancellationToken);

    private async ValueTask<T> WaitAsync<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(Patience, time, cancellationToken);
        try
        {
            return await abandoned.WaitAsync(What, ask(deadline.Token).AsTask(), deadline.Token);
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw deadline.Exceeded(What, e);
        }
    }

    /// <summary>The store's enumeration, which is disposed of once, and not while its next item is waited for.</summary>
    private sealed class Enumeration(IAsyncEnumerator<PeerInfo> items) : IAsyncDisposable
    {
        private int _isDisposed;

        public bool IsWaiting { get; private set; }

        public bool HasItem { get; private set; }

        public PeerInfo Current => items.Current;

        /// <summary>Goes on to the next item; this is the result, so that it is disposed of where nobody waits for it any more.</summary>
        public async ValueTask<Enumeration> NextAsync()
        {
            IsWaiting = true;
            try
            {
                HasItem = await items.MoveNextAsync();
            }
            finally
            {
                IsWaiting = false;
            }

            return this;
        }

        public ValueTask DisposeAsync() => Interlocked.Exchange(ref _isDisposed, 1) == 0 ? items.DisposeAsync() : ValueTask.CompletedTask;
    }
}
