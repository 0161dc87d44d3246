using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Security.Plaintext;
using Libp2p.Security.Tls;
using Libp2p.Services;
using Libp2p.Transports;
using Libp2p.Transports.Memory;
using Libp2p.Transports.Tcp;

namespace Libp2p.Peer;

/// <summary>Transports and security protocols by the contract's names.</summary>
internal static class NodeParts
{
    public static ILinkTransport Transport(string name, NodeContext node, MemoryNetwork memory) => name switch
    {
        "tcp" => new TcpTransport(node),
        "memory" => new MemoryTransport(memory, node.Seams.Scheduler),
        _ => throw new UnsupportedException($"transport {name}"),
    };

    public static ISecurityProtocol Security(string name, NodeContext node, bool earlyMuxer)
    {
        ISecurityProtocol security = name switch
        {
            "noise" => new NoiseSecurity(CryptoEngine.Default, new SignatureVerifier(CryptoEngine.Default), CryptoRandomSource.Instance),
            "tls" when TlsSecurity.IsSupported => new TlsSecurity(node),
            "plaintext" => new PlaintextSecurity(),
            _ => throw new UnsupportedException($"security {name}"),
        };
        return earlyMuxer ? security : new WithoutEarlyMuxer(security);
    }
}
