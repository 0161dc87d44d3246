using System.Diagnostics;
using System.Diagnostics.Metrics;
using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.Node;
using Libp2p.Node.Handlers;
using Libp2p.Node.Peers;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Services;
using Libp2p.Telemetry;
using Libp2p.Transports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Libp2p;

/// <summary>
/// Says what a node is to be, before it starts. Without a word it is a node with a fresh Ed25519 identity, TCP, Noise, TLS and Yamux
/// that listens nowhere. Used once, by one thread.
/// </summary>
public sealed class NodeBuilder
{
    private readonly List<Multiaddress> _listen = [];
    private readonly List<Func<IHandlerTable, IDisposable>> _handlers = [];
    private readonly List<INodeService> _services = [];
    private readonly NodeProtocols _protocols = new();
    private readonly List<IConnectionGater> _gaters = [];
    private readonly Dictionary<string, AccessPolicy> _policies = [];
    private IIdentitySigner? _identity;
    private IMeterFactory? _meters;
    private ActivitySource? _activities;
    private IPeerStore? _peers;
    private IDnsResolver _resolver = SystemDnsResolver.Instance;
    private TimeProvider _time = TimeProvider.System;
    private IRandomSource _random = CryptoRandomSource.Instance;
    private CryptoEngine _crypto = CryptoEngine.Default;
    private ILoggerFactory _logging = NullLoggerFactory.Instance;
    private NodeOptions _options = new();

    internal NodeScheduler Scheduler { get; private set; } = ThreadPoolScheduler.Instance;

    /// <summary>Listens on an address; may be said several times.</summary>
    public NodeBuilder Listen(string address) => Listen(Multiaddress.Parse(address));

    /// <summary>Listens on an address; may be said several times.</summary>
    public NodeBuilder Listen(Multiaddress address) => Do(() => _listen.Add(address));

    /// <summary>Serves a protocol with one implementation for all streams.</summary>
    public NodeBuilder Handle<T>(Protocol<T> protocol, T implementation)
        where T : class => Do(() => _handlers.Add(table => table.Add(protocol.CreateHandlers(implementation))));

    /// <summary>Serves streams below the declaration model.</summary>
    public NodeBuilder Handle(StreamHandler handler) => Do(() => _handlers.Add(table => table.Add([handler])));

    /// <summary>Adds a service; services start in this order. The node disposes of it.</summary>
    public NodeBuilder Use(INodeService service) => Do(() => _services.Add(service));

    /// <summary>The identity; without it a fresh Ed25519 key.</summary>
    public NodeBuilder Identity(PrivateKey key) => Do(() => _identity = new KeyPairSigner(key));

    /// <summary>The identity, held elsewhere: a key vault, a browser.</summary>
    public NodeBuilder Identity(IIdentitySigner signer) => Do(() => _identity = signer);

    /// <summary>
    /// Adds a transport of byte links, tried before those that were added earlier and before the default one, TCP. One of the same name as
    /// a default replaces it.
    /// </summary>
    /// <param name="create">Makes it for the node; called once, when the node starts. A disposable one is disposed of with the node.</param>
    public NodeBuilder Transport(Func<NodeContext, ILinkTransport> create) => Do(() => _protocols.Add(create));

    /// <summary>Adds a transport of connections that are secured and muxed already, as <see cref="Transport(Func{NodeContext, ILinkTransport})"/> does.</summary>
    /// <param name="create">Makes it for the node; called once, when the node starts. A disposable one is disposed of with the node.</param>
    public NodeBuilder Transport(Func<NodeContext, IConnectionTransport> create) => Do(() => _protocols.Add(create));

    /// <summary>
    /// Adds a security protocol, in order of preference, before the default ones, Noise and then TLS. One with the id of a default replaces
    /// it; an insecure one (<see cref="ISecurityProtocol.IsInsecure"/>) replaces all defaults, so that no connection is secure by chance.
    /// </summary>
    /// <param name="create">Makes it for the node; called once, when the node starts. A disposable one is disposed of with the node.</param>
    public NodeBuilder Security(Func<NodeContext, ISecurityProtocol> create) => Do(() => _protocols.Security.Add(create));

    /// <summary>Adds a muxer, in order of preference, before the default one, Yamux. One with the id of a default replaces it.</summary>
    /// <param name="create">Makes it for the node; called once, when the node starts.</param>
    public NodeBuilder Muxer(Func<NodeContext, IMuxer> create) => Do(() => _protocols.Muxers.Add(create));

    /// <summary>Leaves out the default transport, TCP.</summary>
    public NodeBuilder WithoutDefaultTransports() => Do(() => _protocols.HasDefaultTransports = false);

    /// <summary>Leaves out the default security protocols, Noise and TLS.</summary>
    public NodeBuilder WithoutDefaultSecurity() => Do(() => _protocols.HasDefaultSecurity = false);

    /// <summary>Leaves out the default muxer, Yamux.</summary>
    public NodeBuilder WithoutDefaultMuxers() => Do(() => _protocols.HasDefaultMuxers = false);

    /// <summary>A gater; all are asked.</summary>
    public NodeBuilder Gater(IConnectionGater gater) => Do(() => _gaters.Add(gater));

    /// <summary>Admits callers to what <see cref="AccessAttribute"/> guards by this name; without it, such a handler is not accepted.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public NodeBuilder Policy(string name, AccessPolicy policy) => Do(() => _policies.Add(name, policy));

    /// <summary>Where to count; without it nowhere. The factory owns the meter, whose name is <see cref="NodeTelemetry.Name"/>.</summary>
    public NodeBuilder Metrics(IMeterFactory factory) => Do(() => _meters = factory);

    /// <summary>Where to trace. Lent. Without it the node has a source of its own, named <see cref="NodeTelemetry.Name"/>, which ends with it.</summary>
    public NodeBuilder Tracing(ActivitySource source) => Do(() => _activities = source);

    /// <summary>The peer store; without it one in memory.</summary>
    public NodeBuilder PeerStore(IPeerStore store) => Do(() => _peers = store);

    /// <summary>What resolves names in addresses; without it the operating system, which cannot resolve <c>/dnsaddr</c>.</summary>
    public NodeBuilder Dns(IDnsResolver resolver) => Do(() => _resolver = resolver);

    /// <summary>The crypto engine; without it the best that the platform has.</summary>
    public NodeBuilder Crypto(CryptoEngine engine) => Do(() => _crypto = engine);

    /// <summary>Where to log; without it nowhere.</summary>
    public NodeBuilder Logging(ILoggerFactory factory) => Do(() => _logging = factory);

    /// <summary>Timeouts and ceilings.</summary>
    public NodeBuilder Options(NodeOptions options) => Do(() => _options = options);

    /// <summary>The clock; without it the system's.</summary>
    public NodeBuilder Time(TimeProvider time) => Do(() => _time = time);

    /// <summary>Clock, randomness and scheduling: for simulation.</summary>
    public NodeBuilder Seams(NodeSeams seams) => Do(() => (_time, _random, Scheduler) = (seams.Time, seams.Random, seams.Scheduler));

    internal async Task<Libp2pNode> StartAsync(CancellationToken cancellationToken)
    {
        NodeSeams seams = new(_time, _random, Scheduler);
        IIdentitySigner identity = _identity ?? new KeyPairSigner(PrivateKey.GenerateEd25519(_random, _crypto));
        SignatureVerifier verifier = new(_crypto);
        NodeEventBus events = new();
        ActivitySource? owned = _activities is null ? new ActivitySource(NodeTelemetry.Name) : null;
        NodeTelemetry telemetry = new(_meters, _activities ?? owned, _logging);
        NodeInstruments instruments = new(telemetry, _time, owned);
        AccessPolicies access = new(_policies, _options.AccessTimeout, telemetry);
        ResourceManager limits = new(_options.Limits, _time) { Refused = instruments.LeaseRefused };
        HandlerTable handlers = new(events, Scheduler, access) { Messages = limits.Messages };
        AbandonedWork abandoned = new(_time, _logging.CreateLogger<AbandonedWork>());
        NodeParts parts = new(
            seams,
            _options,
            handlers,
            events,
            _peers ?? new MemoryPeerStore(_time),
            limits,
            _resolver,
            abandoned,
            identity.PublicKey.PeerId,
            verifier,
            _crypto,
            _logging)
        {
            Gaters = new Gaters([.. _gaters], abandoned, seams, _options.AccessTimeout, _logging.CreateLogger<IConnectionGater>()),
            Access = access,
            Telemetry = telemetry,
            Instruments = instruments,
        };
        _handlers.ForEach(register => register(handlers));
        Libp2pNode node = new(parts, _services, identity);
        await node.StartAsync(_protocols, _listen, cancellationToken);
        return node;
    }

    private NodeBuilder Do(Action change)
    {
        change();
        return this;
    }
}
