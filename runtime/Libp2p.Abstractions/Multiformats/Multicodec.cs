namespace Libp2p.Multiformats;

/// <summary>
/// The codes of the multicodec table (https://github.com/multiformats/multicodec) that libp2p speaks about. Codes of multiaddress
/// protocols are in <see cref="MultiaddressCode"/>.
/// </summary>
public static class Multicodec
{
    /// <summary>Multihash: the digest is the data itself.</summary>
    public const ulong Identity = 0x00;

    /// <summary>Multihash: SHA-1, 20 bytes.</summary>
    public const ulong Sha1 = 0x11;

    /// <summary>Multihash: SHA2-256, 32 bytes.</summary>
    public const ulong Sha2256 = 0x12;

    /// <summary>Multihash: SHA2-512, 64 bytes.</summary>
    public const ulong Sha2512 = 0x13;

    /// <summary>Multihash: SHA3-512, 64 bytes.</summary>
    public const ulong Sha3512 = 0x14;

    /// <summary>Multihash: SHA3-384, 48 bytes.</summary>
    public const ulong Sha3384 = 0x15;

    /// <summary>Multihash: SHA3-256, 32 bytes.</summary>
    public const ulong Sha3256 = 0x16;

    /// <summary>Multihash: SHA2-256 applied twice, 32 bytes.</summary>
    public const ulong DoubleSha2256 = 0x56;

    /// <summary>Content: raw bytes.</summary>
    public const ulong Raw = 0x55;

    /// <summary>Content: MerkleDAG protobuf, the codec that every CIDv0 implies.</summary>
    public const ulong DagPb = 0x70;

    /// <summary>Content: MerkleDAG CBOR.</summary>
    public const ulong DagCbor = 0x71;

    /// <summary>Content: a libp2p public key; the codec of a peer id written as a CID.</summary>
    public const ulong Libp2pKey = 0x72;

    /// <summary>Payload type of a signed envelope: a peer's routing record.</summary>
    public const ulong Libp2pPeerRecord = 0x0301;

    /// <summary>Payload type of a signed envelope: a circuit relay reservation voucher.</summary>
    public const ulong Libp2pRelayReservation = 0x0302;

    /// <summary>Transport: trustless HTTP gateway, found in the ids that js-libp2p makes of URLs.</summary>
    public const ulong TransportIpfsGatewayHttp = 0x0920;
}
