using Libp2p.Connections;

namespace Libp2p.Security;

/// <summary>A protocol that authenticates both ends of a byte link and encrypts it: Noise, TLS. Stateless and thread-safe.</summary>
public interface ISecurityProtocol
{
    /// <summary>The id it is negotiated by.</summary>
    ProtocolId Id { get; }

    /// <summary>
    /// Whether it neither encrypts nor authenticates, as plaintext. A node that is given such a protocol leaves out its secure defaults, so
    /// that which one is agreed on is not left to the remote.
    /// </summary>
    bool IsInsecure => false;

    /// <summary>
    /// Runs the handshake, which is over when both ends are authenticated and the remote is the expected one. Bytes that the
    /// remote sent after its last handshake message stay in the secured link.
    /// </summary>
    /// <param name="link">The plain link; belongs to the result when it succeeds, and stays the caller's when it fails.</param>
    /// <param name="request">Role, expected peer, identity, prologue, extensions.</param>
    /// <param name="cancellationToken">Ends the handshake, at any of its steps.</param>
    /// <exception cref="HandshakeException">The handshake failed, or the remote is another peer.</exception>
    ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken);
}

/// <summary>What a handshake is told. All of it is given, none looked up.</summary>
public sealed record SecurityRequest
{
    /// <summary>The role in the handshake.</summary>
    public required ConnectionRole Role { get; init; }

    /// <summary>Who the remote must turn out to be.</summary>
    public required ExpectedPeer ExpectedPeer { get; init; }

    /// <summary>Signs for our identity.</summary>
    public required IIdentitySigner Identity { get; init; }

    /// <summary>Bytes both sides mix into the handshake; empty but for WebRTC-direct.</summary>
    public ReadOnlyMemory<byte> Prologue { get; init; }

    /// <summary>What we announce inside the handshake.</summary>
    public SecurityExtensions Extensions { get; init; } = SecurityExtensions.None;
}

/// <summary>What one end announces inside a handshake, under its authentication.</summary>
public sealed record SecurityExtensions
{
    /// <summary>Nothing.</summary>
    public static readonly SecurityExtensions None = new();

    /// <summary>Muxers in order of preference, for early negotiation; empty: by multistream-select.</summary>
    public IReadOnlyList<ProtocolId> StreamMuxers { get; init; } = [];

    /// <summary>Hashes of a responder's WebTransport certificates, as multihashes.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> WebTransportCertificateHashes { get; init; } = [];
}

/// <summary>What a handshake told of the remote.</summary>
/// <param name="Protocol">The security protocol, or null where the transport has its own.</param>
/// <param name="RemotePeer">The authenticated peer.</param>
/// <param name="RemoteKey">Its public key.</param>
/// <param name="RemoteExtensions">What it announced.</param>
/// <param name="EarlyMuxer">The muxer agreed inside the handshake, or null.</param>
public sealed record SecurityResult(
    ProtocolId? Protocol, PeerId RemotePeer, PublicKey RemoteKey, SecurityExtensions RemoteExtensions, ProtocolId? EarlyMuxer);

/// <summary>A link under a security protocol.</summary>
/// <param name="Link">Encrypts and decrypts; owns the link below it.</param>
/// <param name="Result">Who the remote is.</param>
public sealed record SecuredLink(IByteLink Link, SecurityResult Result);
