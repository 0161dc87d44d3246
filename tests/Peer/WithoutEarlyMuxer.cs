using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.Peer;

/// <summary>A security protocol that keeps our muxers to itself, so that multistream-select decides, as with implementations of old.</summary>
internal sealed class WithoutEarlyMuxer(ISecurityProtocol inner) : ISecurityProtocol
{
    public ProtocolId Id => inner.Id;

    public ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken) =>
        inner.SecureAsync(link, request with { Extensions = request.Extensions with { StreamMuxers = [] } }, cancellationToken);
}
