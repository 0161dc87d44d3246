using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>Two ends of a muxed connection, for a contract suite.</summary>
/// <param name="Initiator">The end in the initiator's role.</param>
/// <param name="Responder">The other end.</param>
public sealed record MuxerPair(IMuxedConnection Initiator, IMuxedConnection Responder) : IAsyncDisposable
{
    /// <summary>The ends, seen from the one that opens.</summary>
    public (IMuxedConnection Opener, IMuxedConnection Acceptor) OpenedBy(bool initiator) =>
        initiator ? (Initiator, Responder) : (Responder, Initiator);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task initiator = Initiator.DisposeAsync().AsTask();
        await Responder.DisposeAsync();
        await initiator;
    }
}
