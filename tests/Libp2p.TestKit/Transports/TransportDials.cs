using Libp2p.Limits;
using Libp2p.Security;
using Libp2p.Transports;

namespace Libp2p.TestKit;

/// <summary>What a node gives a transport, for tests without a node: every remote is admitted, and memory is not bounded.</summary>
public static class TransportDials
{
    /// <summary>Admits every remote.</summary>
    public static ConnectionAdmission AdmitsAll { get; } = new(new UnboundedScope(), static _ => null);

    /// <summary>A dial that accepts every peer.</summary>
    public static TransportDial To(Multiaddress address, SourcePort sourcePort = SourcePort.Default) =>
        new(address, ExpectedPeer.Anyone, AdmitsAll) { SourcePort = sourcePort };

    private sealed class UnboundedScope : IResourceScope
    {
        public ResourceScopeKind Kind => ResourceScopeKind.Connection;

        public string Name => "unbounded";

        public ResourceUsage Usage => default;

        public bool TryReserveMemory(long bytes) => true;

        public void ReleaseMemory(long bytes)
        {
        }
    }
}
