using Libp2p.Muxers;

namespace Libp2p.Tests.Streams;

public sealed class P2PStreamTests
{
    [Fact]
    public async Task The_leases_are_given_back_when_the_stream_fails_to_end_in_order()
    {
        Lease lease = new();
        P2PStream stream = new(new Failing(new InMemoryStreamPair().Initiator), "/a", null, TimeProvider.System, lease);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await stream.DisposeAsync());

        Assert.Equal(1, lease.Returned);
    }

    private sealed class Lease : IDisposable
    {
        public int Returned { get; private set; }

        public void Dispose() => Returned++;
    }

    /// <summary>A stream whose muxer finds something wrong with how it is ended.</summary>
    private sealed class Failing(IMuxedStream inner) : DelegatingStream(inner)
    {
        public override ValueTask DisposeAsync() => throw new InvalidOperationException("A flush is in progress.");
    }
}
