using Libp2p.Muxers;
using Libp2p.Node.Streams;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Host;

/// <summary>A gate that has left the table says nothing about the one that came after it.</summary>
public sealed class InboundGatesTests
{
    private readonly InboundGates _gates = new();
    private readonly PeerId _peer = TestIdentity.Ed25519(1).PublicKey.PeerId;

    [Fact]
    public async Task A_stream_that_was_replaced_and_ends_late_frees_no_place_of_later_ones()
    {
        BytesHandler handler = Handler(WhenFull.ReplaceOldest);
        P2PStream first = Stream();
        IDisposable firstPlace = Enter(handler, first);
        IDisposable secondPlace = Enter(handler, Stream());
        Assert.Equal(ErrorCode.Supplanted, first.End?.Code);
        secondPlace.Dispose();
        P2PStream third = Stream();
        IDisposable thirdPlace = Enter(handler, third);

        firstPlace.Dispose(); // its handler took its time
        Enter(handler, Stream()).Dispose();

        Assert.Equal(ErrorCode.Supplanted, third.End?.Code);
        thirdPlace.Dispose();
        await first.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_gives_up_waiting_late_frees_no_place_of_later_ones()
    {
        BytesHandler handler = Handler(WhenFull.Wait);
        IDisposable first = Enter(handler, Stream());
        using CancellationTokenSource patience = new();
        QueueScheduler queue = new();
        Task waiting = queue.Start(() => _gates.EnterAsync(_peer, handler, Stream(), patience.Token).AsTask());
        patience.Cancel(); // what follows from it is still in the queue
        first.Dispose();
        IDisposable second = Enter(handler, Stream());

        queue.RunUntilIdle();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        Assert.False(_gates.TryEnter(_peer, handler, Stream(), out _));
        second.Dispose();
    }

    private IDisposable Enter(StreamHandler handler, P2PStream stream)
    {
        Assert.True(_gates.TryEnter(_peer, handler, stream, out IDisposable? place));
        return place;
    }

    private static BytesHandler Handler(WhenFull whenFull) =>
        new("/a", static (_, _) => default, new OperationLimits { InboundPerPeer = 1, WhenFull = whenFull });

    private static P2PStream Stream() => new(new InMemoryStreamPair().Responder, "/a", null, TimeProvider.System);
}
