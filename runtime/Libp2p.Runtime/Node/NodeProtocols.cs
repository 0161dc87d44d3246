using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Security.Tls;
using Libp2p.Services;
using Libp2p.Transports;
using Libp2p.Transports.Tcp;
using Microsoft.Extensions.Logging;

namespace Libp2p.Node;

/// <summary>The transports, security protocols and muxers that a node is to have: what was registered, and the defaults.</summary>
internal sealed class NodeProtocols
{
    private readonly List<Func<NodeContext, ITransport>> _transports = [];

    public List<Func<NodeContext, ISecurityProtocol>> Security { get; } = [];

    public List<Func<NodeContext, IMuxer>> Muxers { get; } = [];

    public bool HasDefaultTransports { get; set; } = true;

    public bool HasDefaultSecurity { get; set; } = true;

    public bool HasDefaultMuxers { get; set; } = true;

    /// <summary>The security protocols that were made.</summary>
    public IReadOnlyList<ISecurityProtocol> CreatedSecurity { get; private set; } = [];

    public void Add(Func<NodeContext, ITransport> create) => _transports.Add(create);

    /// <summary>Makes the transports.</summary>
    /// <exception cref="InvalidOperationException">A transport is of both kinds or of none, or there are two of one name.</exception>
    public IReadOnlyList<ITransport> CreateTransports(NodeContext node)
    {
        List<ITransport> transports = [.. _transports.Select(create => create(node))];
        if (HasDefaultTransports && transports.TrueForAll(transport => transport.Name != "tcp"))
        {
            transports.Add(new TcpTransport(node));
        }

        foreach (ITransport transport in transports)
        {
            if (transport is ILinkTransport == transport is IConnectionTransport)
            {
                throw new InvalidOperationException(
                    $"The transport '{transport.Name}' must be either an {nameof(ILinkTransport)} or an {nameof(IConnectionTransport)}.");
            }
        }

        return transports;
    }

    /// <summary>Makes the security protocols and muxers, and what upgrades links with them.</summary>
    /// <exception cref="InvalidOperationException">There is none of either.</exception>
    public Upgrader CreateUpgrader(NodeContext node, NodeParts parts)
    {
        List<ISecurityProtocol> security = [.. Security.Select(create => create(node))];
        if (HasDefaultSecurity && security.TrueForAll(protocol => !protocol.IsInsecure))
        {
            AddDefaultSecurity(security, node, parts);
        }

        CreatedSecurity = security;

        List<IMuxer> muxers = [.. Muxers.Select(create => create(node))];
        if (HasDefaultMuxers && muxers.TrueForAll(muxer => muxer.Id != YamuxMuxer.ProtocolId))
        {
            muxers.Add(new YamuxMuxer(logger: node.Logging.CreateLogger<YamuxMuxer>()));
        }

        return security.Count > 0 && muxers.Count > 0
            ? new Upgrader(security, muxers, node.Identity, node.Seams) { Instruments = parts.Instruments }
            : throw new InvalidOperationException("The node has no security protocol or no muxer; register one, or keep the defaults.");
    }

    /// <summary>Noise, then TLS where the platform has it; but for those that were registered.</summary>
    private static void AddDefaultSecurity(List<ISecurityProtocol> security, NodeContext node, NodeParts parts)
    {
        if (security.TrueForAll(protocol => protocol.Id != NoiseSecurity.ProtocolId))
        {
            security.Add(new NoiseSecurity(parts.Crypto, node.Verifier, node.Seams.Random));
        }

        if (TlsSecurity.IsSupported && security.TrueForAll(protocol => protocol.Id != TlsSecurity.ProtocolId))
        {
            security.Add(new TlsSecurity(node));
        }
    }
}
