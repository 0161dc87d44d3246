using System.Diagnostics.CodeAnalysis;
using Libp2p.Limits;
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

    private sealed class Lease : IStreamLease
    {
        public int Returned { get; private set; }

        public ResourceScopeKind Kind => ResourceScopeKind.Stream;

        public string Name => "test";

        public ResourceUsage Usage => default;

        public void Attach(P2PStream stream)
        {
        }

        public bool TryReserveMemory(long bytes) => true;

        public void ReleaseMemory(long bytes)
        {
        }

        public bool TryAttribute(ProtocolId protocol, [NotNullWhen(false)] out string? refusal)
        {
            refusal = null;
            return true;
        }

        public ValueTask EnterAsync(OperationBound bound, CancellationToken cancellationToken) => default;

        public void Dispose() => Returned++;
    }

    /// <summary>A stream whose muxer finds something wrong with how it is ended.</summary>
    private sealed class Failing(IMuxedStream inner) : DelegatingStream(inner)
    {
        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            throw new InvalidOperationException("A flush is in progress.");
        }
    }
}
