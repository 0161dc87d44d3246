using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Transports;
using Libp2p.Transports.Memory;

namespace Libp2p.TestKit;

/// <summary>
/// A transport within one process whose connections are secured and carry streams by themselves: a stand-in for QUIC. It authenticates the
/// remote, checks the expected peer, asks the admission once, carries reset codes, refuses to read with a code (STOP_SENDING), and its
/// connections can move to another address. Addresses are <c>/ip4/127.0.0.1/udp/n/quic-v1</c>; port 0 listens on a free one.
/// </summary>
/// <param name="network">What is shared with the nodes that are to be reached.</param>
/// <param name="identity">Signs for the node.</param>
/// <param name="verifier">Verifies remotes.</param>
/// <param name="seams">The node's.</param>
public sealed class SelfSecuringTransport(SelfSecuringNetwork network, IIdentitySigner identity, ISignatureVerifier verifier, NodeSeams seams) : IConnectionTransport
{
    private readonly MemoryTransport _links = new(network.Links, seams.Scheduler);
    private readonly NoiseSecurity _security = new(CryptoEngine.Default, verifier, seams.Random);
    private readonly YamuxMuxer _muxer = new();
    private readonly List<SelfSecuringListener> _listeners = [];

    /// <inheritdoc/>
    public string Name => "stand-in";

    /// <summary>The listeners that were opened, in order.</summary>
    public IReadOnlyList<SelfSecuringListener> Listeners => _listeners;

    /// <summary>Found in place of the authenticated peer, for a transport that fails to check the expected one; null: none.</summary>
    public PublicKey? Lie { get; set; }

    /// <inheritdoc/>
    public bool CanDial(Multiaddress address) => SelfSecuringNetwork.TryGetPort(address, out ulong port) && port != 0;

    /// <inheritdoc/>
    public bool CanListen(Multiaddress address) => SelfSecuringNetwork.TryGetPort(address, out _);

    /// <inheritdoc/>
    public async ValueTask<UpgradedConnection> DialAsync(TransportDial dial, CancellationToken cancellationToken)
    {
        IByteLink link = await _links.DialAsync(dial with { Address = SelfSecuringNetwork.ToMemory(dial.Address) }, cancellationToken);
        return await SecureAsync(link, dial.Role, dial.ExpectedPeer, dial.Admission, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ITransportListener<UpgradedConnection>> ListenAsync(Multiaddress address, CancellationToken cancellationToken)
    {
        SelfSecuringListener listener = new(this, await _links.ListenAsync(SelfSecuringNetwork.ToMemory(address), cancellationToken));
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Authenticates the remote of a link and sets up streams; takes the link over, also when it fails.</summary>
    internal async ValueTask<UpgradedConnection> SecureAsync(
        IByteLink link, ConnectionRole role, ExpectedPeer expected, ConnectionAdmission admission, CancellationToken cancellationToken)
    {
        try
        {
            SecurityRequest request = new() { Role = role, ExpectedPeer = expected, Identity = identity };
            SecuredLink secured = await _security.SecureAsync(link, request, cancellationToken);
            SelfSecuredConnection connection = new(network, _muxer.Attach(secured.Link, new MuxerContext(role, seams, admission.Scope)));
            EndReason? judged = admission.Admit(secured.Result);
            if (judged is null && admission.AdmitAsync is { } judge)
            {
                judged = await judge(secured.Result, cancellationToken);
            }

            if (judged is { } refusal)
            {
                await connection.CloseAsync(refusal, cancellationToken); // with its code
                await connection.DisposeAsync();
                throw new HandshakeException($"{secured.Result.RemotePeer} was not admitted: {refusal.Reason}", refusal.By);
            }

            network.Add(connection);
            SecurityResult result = secured.Result with { Protocol = null, EarlyMuxer = null };
            return new UpgradedConnection(
                connection, Lie is { } lie ? result with { RemoteKey = lie, RemotePeer = lie.PeerId } : result, muxer: null);
        }
        catch (Exception e)
        {
            link.Abort((e as Libp2pException)?.Reason ?? new EndReason(EndedBy.Local, ErrorCode.None, e.Message, e));
            await link.DisposeAsync();
            throw;
        }
    }
}
