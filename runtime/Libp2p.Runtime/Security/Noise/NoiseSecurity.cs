using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;

namespace Libp2p.Security.Noise;

/// <summary>
/// Noise, <c>/noise</c> (https://github.com/libp2p/specs/blob/master/noise/README.md): the handshake XX with a static key that is
/// made for it and signed by the identity key, then ChaCha20-Poly1305.
/// </summary>
/// <remarks>
/// What an unauthenticated remote can make us hold is one handshake message of <see cref="NoisePayload.MaxSize"/> bytes and a little.
/// Time is bounded by the caller's token. There is no goodbye in Noise: a link that ends between two frames has ended in order.
/// </remarks>
/// <param name="engine">Serves X25519 and ChaCha20-Poly1305.</param>
/// <param name="verifier">Judges the signatures of remotes.</param>
/// <param name="random">Where static and ephemeral keys come from.</param>
public sealed class NoiseSecurity(CryptoEngine engine, ISignatureVerifier verifier, IRandomSource random) : ISecurityProtocol
{
    /// <summary>The id of Noise.</summary>
    public static readonly ProtocolId ProtocolId = "/noise";

    /// <inheritdoc/>
    public ProtocolId Id => ProtocolId;

    /// <inheritdoc/>
    public async ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(request);

        using NoiseHandshake handshake = new(link, request, engine, verifier, random);
        return await handshake.RunAsync(cancellationToken);
    }
}
