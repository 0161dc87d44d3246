using Libp2p.Connections;
using Libp2p.Limits;
using Libp2p.TestKit;

namespace Libp2p.Tests.Limits;

/// <summary>Memory that is refused names the bound that is full, and no other.</summary>
public sealed class MemoryRefusalTests
{
    [Theory]
    [InlineData(nameof(ResourceLimits.Memory))]
    [InlineData(nameof(ResourceLimits.MemoryPerConnection))]
    [InlineData(nameof(ResourceLimits.MemoryPerPeer))]
    [InlineData(nameof(ResourceLimits.MemoryPerProtocol))]
    public void A_message_without_memory_names_the_bound_that_refused_it(string bound)
    {
        ResourceLimits limits = new();
        limits = bound switch
        {
            nameof(ResourceLimits.Memory) => limits with { Memory = 1000 },
            nameof(ResourceLimits.MemoryPerConnection) => limits with { MemoryPerConnection = 1000 },
            nameof(ResourceLimits.MemoryPerPeer) => limits with { MemoryPerPeer = 1000 },
            _ => limits with { MemoryPerProtocol = 1000 },
        };
        using IStreamLease stream = Lease(new ResourceManager(limits));

        Assert.True(stream.TryReserveMemory(1000, out string? none));
        Assert.Null(none);
        Assert.False(stream.TryReserveMemory(1, out string? refusal));
        Assert.EndsWith($"(ResourceLimits.{bound})", refusal, StringComparison.Ordinal);
        Assert.Equal(1, refusal.Split("ResourceLimits.").Length - 1);
        stream.ReleaseMemory(1000);
        Assert.True(stream.TryReserveMemory(1000));
    }

    private static IStreamLease Lease(ResourceManager manager)
    {
        Assert.True(manager.TryOpenConnection(Direction.Outbound, Multiaddress.Parse("/memory/1"), out IConnectionLease? connection, out _));
        Assert.True(connection.TryAttribute(TestIdentity.Ed25519(1).PublicKey.PeerId, out _));
        Assert.True(connection.TryOpenStream(Direction.Outbound, out IStreamLease? stream, out _));
        Assert.True(stream.TryAttribute("/a", out _));
        return stream;
    }
}
