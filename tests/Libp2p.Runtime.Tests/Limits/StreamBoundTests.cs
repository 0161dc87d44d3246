using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Limits;

/// <summary>Streams of one operation towards one peer: a place that was left has nothing to say about those that came after it.</summary>
public sealed class StreamBoundTests
{
    private readonly ResourceManager _ledger = new(new ResourceLimits());
    private readonly object _operation = new();

    [Fact]
    public async Task A_stream_that_was_replaced_and_ends_late_frees_no_place_of_later_ones()
    {
        using ConnectionLease connection = Connect();
        (StreamLease first, P2PStream firstStream) = Open(connection);
        await first.EnterAsync(Bound(WhenFull.ReplaceOldest), default);
        (StreamLease second, _) = Open(connection);
        await second.EnterAsync(Bound(WhenFull.ReplaceOldest), default);
        Assert.Equal(ErrorCode.Supplanted, firstStream.End?.Code);
        second.Dispose();
        (StreamLease third, P2PStream thirdStream) = Open(connection);
        await third.EnterAsync(Bound(WhenFull.ReplaceOldest), default);

        first.Dispose(); // its handler took its time
        (StreamLease fourth, _) = Open(connection);
        await fourth.EnterAsync(Bound(WhenFull.ReplaceOldest), default);

        Assert.Equal(ErrorCode.Supplanted, thirdStream.End?.Code);
        third.Dispose();
        fourth.Dispose();
        Assert.Equal(0, _ledger.Usage.InboundStreams);
        await firstStream.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_that_gives_up_waiting_late_frees_no_place_of_later_ones()
    {
        using ConnectionLease connection = Connect();
        (StreamLease first, _) = Open(connection);
        await first.EnterAsync(Bound(WhenFull.Wait), default);
        using CancellationTokenSource patience = new();
        QueueScheduler queue = new();
        (StreamLease waiter, _) = Open(connection);
        Task waiting = queue.Start(() => waiter.EnterAsync(Bound(WhenFull.Wait), patience.Token).AsTask());
        patience.Cancel(); // what follows from it is still in the queue
        first.Dispose();
        (StreamLease second, _) = Open(connection);
        Assert.True(second.EnterAsync(Bound(WhenFull.Wait), default).AsTask().IsCompletedSuccessfully);

        queue.RunUntilIdle();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        waiter.Dispose();

        (StreamLease third, _) = Open(connection);
        await Assert.ThrowsAsync<LimitExceededException>(() => third.EnterAsync(Bound(WhenFull.Refuse), default).AsTask());
        second.Dispose();
        third.Dispose();
    }

    [Fact]
    public async Task Streams_wait_in_the_order_of_arrival_over_all_connections_of_the_peer()
    {
        using ConnectionLease one = Connect();
        using ConnectionLease other = Connect();
        (StreamLease first, _) = Open(one);
        await first.EnterAsync(Bound(WhenFull.Wait), default);
        (StreamLease second, _) = Open(other);
        Task secondEnters = second.EnterAsync(Bound(WhenFull.Wait), default).AsTask();
        (StreamLease third, _) = Open(one);
        Task thirdEnters = third.EnterAsync(Bound(WhenFull.Wait), default).AsTask();
        Assert.Equal((1, 2), (_ledger.Peers.Single().Bounds.Single().Open, _ledger.Peers.Single().Bounds.Single().Waiting));

        first.Dispose();
        await secondEnters.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(thirdEnters.IsCompleted);
        second.Dispose();
        await thirdEnters.WaitAsync(TimeSpan.FromSeconds(10));
        third.Dispose();
        Assert.Empty(_ledger.Peers.Single().Bounds);
    }

    [Fact]
    public async Task What_is_taken_in_a_scope_is_taken_in_all_above_it_or_in_none()
    {
        using ConnectionLease connection = Connect();
        StreamLease stream = connection.TryLeaseStream(Direction.Inbound, out _)!;
        Assert.True(stream.TryReserveMemory(1000));
        Assert.Equal(1000, _ledger.System.Usage.Memory);
        Assert.Null(_ledger.FindProtocol("/a"));
        Assert.True(stream.TryAttribute("/a", out _));
        Assert.Equal(1000, _ledger.FindProtocol("/a")!.Usage.Memory);
        Assert.Equal((1000, 1), (_ledger.Peers.Single().Usage.Memory, _ledger.Peers.Single().Usage.InboundStreams));

        Assert.False(stream.TryReserveMemory(1L << 40));
        Assert.Equal(1000, _ledger.System.Usage.Memory);
        stream.Dispose();
        stream.ReleaseMemory(1000); // disposal gave it back

        Assert.Equal((0, 0), (_ledger.System.Usage.Memory, _ledger.Peers.Single().Usage.InboundStreams));
        Assert.Null(_ledger.FindProtocol("/a"));
        await Task.CompletedTask;
    }

    private ConnectionLease Connect()
    {
        ConnectionLease lease = _ledger.TryLease(Direction.Inbound, Multiaddress.Parse("/memory/1"), out _)!;
        Assert.True(lease.TryAttribute(TestIdentity.Ed25519(1).PublicKey.PeerId, out _));
        return lease;
    }

    private static (StreamLease Lease, P2PStream Stream) Open(ConnectionLease connection)
    {
        StreamLease lease = connection.TryLeaseStream(Direction.Inbound, out _)!;
        return (lease, new P2PStream(new InMemoryStreamPair().Responder, "/a", null, TimeProvider.System, lease));
    }

    private OperationBound Bound(WhenFull whenFull) => new(_operation, null, 1, whenFull);
}
