using System.Buffers;
using System.Text;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.Security.Plaintext;
using Libp2p.TestKit;
using Libp2p.Tests.Muxers;

namespace Libp2p.Tests.Upgrade;

public sealed class UpgraderTests
{
    private static readonly KeyPairSigner s_alice = TestIdentity.Ed25519(1);
    private static readonly KeyPairSigner s_bob = TestIdentity.Ed25519(2);
    private static readonly NoiseSecurity s_noise = new(CryptoEngine.Default, TestIdentity.Verifier, CryptoRandomSource.Instance);
    private static readonly PlaintextSecurity s_plaintext = new();
    private static readonly CancellationToken s_none = CancellationToken.None;

    private const int NoiseMessage1 = 34;
    private static readonly byte[] s_proposal = "\u0013/multistream/1.0.0\n\u0007/noise\n"u8.ToArray();

    private readonly MemoryLinkPair _pair = new();

    [Fact]
    public async Task Both_ends_come_out_authenticated_and_muxed_in_their_roles()
    {
        (UpgradedConnection first, UpgradedConnection second) = await UpgradeBothAsync(
            Upgrader(s_alice, [s_noise], "/yamux/1.0.0"), Upgrader(s_bob, [s_noise], "/yamux/1.0.0"));

        Assert.Equal(s_bob.PublicKey.PeerId, first.Security.RemotePeer);
        Assert.Equal(s_alice.PublicKey.PeerId, second.Security.RemotePeer);
        Assert.Equal("/noise", first.Security.Protocol?.Value);
        Assert.Equal("/yamux/1.0.0", first.Muxer?.Value);
        Assert.Equal("/yamux/1.0.0", first.Security.EarlyMuxer?.Value);
        Assert.Equal(ConnectionRole.Initiator, ((StubConnection)first.Muxed).Context.Role);
        Assert.Equal(ConnectionRole.Responder, ((StubConnection)second.Muxed).Context.Role);
        Assert.Equal(_pair.First.RemoteAddress, first.RemoteAddress);

        await TalkAsync(first, second);
        await first.DisposeAsync();
        await second.DisposeAsync();
        Assert.True(_pair.First.IsDisposed && _pair.Second.IsDisposed);
    }

    [Fact]
    public async Task A_muxer_agreed_inside_the_handshake_costs_no_further_negotiation()
    {
        (UpgradedConnection first, UpgradedConnection second) = await UpgradeBothAsync(
            Upgrader(s_alice, [s_noise], "/yamux/1.0.0"), Upgrader(s_bob, [s_noise], "/yamux/1.0.0"));

        Assert.False(((StubConnection)first.Muxed).Link.Input.TryRead(out _));
        Assert.False(((StubConnection)second.Muxed).Link.Input.TryRead(out _));
    }

    [Fact]
    public async Task The_only_security_protocol_begins_with_its_proposal_and_is_answered_with_the_agreement()
    {
        MemoryLinkPair other = new();
        Task<UpgradedConnection> initiating = UpgradeAsync(Upgrader(s_alice, [s_noise], "/a"), _pair.First, ConnectionRole.Initiator);
        byte[] first = _pair.Second.Input.ReadAvailable();
        Assert.Equal(s_proposal.Length + NoiseMessage1, first.Length);
        Assert.Equal(s_proposal, first[..s_proposal.Length]);

        await other.First.Output.WriteAsync(first);
        Task<UpgradedConnection> responding = UpgradeAsync(Upgrader(s_bob, [s_noise], "/a"), other.Second, ConnectionRole.Responder);
        byte[] second = (await other.First.Input.ReadAsync()).Buffer.ToArray();
        Assert.Equal(s_proposal, second[..s_proposal.Length]);
        Assert.True(second.Length > s_proposal.Length + NoiseMessage1);

        await _pair.Second.DisposeAsync();
        await other.First.DisposeAsync();
        await Assert.ThrowsAsync<UpgradeException>(() => initiating);
        await Assert.ThrowsAsync<UpgradeException>(() => responding);
    }

    [Fact]
    public async Task A_security_protocol_that_reads_first_sends_the_proposal()
    {
        Task<UpgradedConnection> initiating = UpgradeAsync(Upgrader(s_alice, [new ReadsFirst()], "/a"), _pair.First, ConnectionRole.Initiator);
        Assert.StartsWith("\u0013/multistream/1.0.0\n", Encoding.UTF8.GetString(_pair.Second.Input.ReadAvailable()), StringComparison.Ordinal);
        await _pair.Second.Output.WriteAsync("\u0013/multistream/1.0.0\n\u000d/reads-first\nhello"u8.ToArray());

        Assert.Contains("hello", (await Assert.ThrowsAsync<UpgradeException>(() => initiating)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { "/b", "/a" }, new[] { "/a", "/b" }, "/b")]
    [InlineData(new[] { "/x", "/a" }, new[] { "/a" }, "/a")]
    public async Task The_initiators_order_decides(string[] initiators, string[] responders, string expected)
    {
        (UpgradedConnection first, UpgradedConnection second) =
            await UpgradeBothAsync(Upgrader(s_alice, [s_noise], initiators), Upgrader(s_bob, [s_noise], responders));
        Assert.Equal(expected, first.Muxer?.Value);
        Assert.Equal(expected, second.Muxer?.Value);
    }

    [Fact]
    public async Task Security_falls_back_to_what_the_responder_has()
    {
        (UpgradedConnection first, UpgradedConnection second) = await UpgradeBothAsync(
            Upgrader(s_alice, [s_noise, s_plaintext], "/x", "/a"), Upgrader(s_bob, [s_plaintext], "/a"));

        Assert.Equal("/plaintext/2.0.0", first.Security.Protocol?.Value);
        Assert.Null(first.Security.EarlyMuxer);
        Assert.Equal("/a", second.Muxer?.Value);
        await TalkAsync(first, second);
    }

    [Fact]
    public async Task Without_common_security_the_failure_names_stage_and_offers_and_the_link_is_gone()
    {
        Task<UpgradedConnection> responding = UpgradeAsync(Upgrader(s_bob, [s_plaintext], "/a"), _pair.Second, ConnectionRole.Responder);
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(
            () => UpgradeAsync(Upgrader(s_alice, [s_noise], "/a"), _pair.First, ConnectionRole.Initiator));

        Assert.Equal(DialStage.Security, failed.Stage);
        Assert.Contains("/noise", failed.Message, StringComparison.Ordinal);
        Assert.IsType<ProtocolNotSupportedException>(failed.InnerException);
        Assert.True(_pair.First.IsDisposed);
        Assert.Equal(ErrorCode.ProtocolNegotiationFailed, _pair.First.AbortReason?.Code);
        await Assert.ThrowsAsync<UpgradeException>(() => responding);
        Assert.True(_pair.Second.IsDisposed);
    }

    [Fact]
    public async Task Without_a_common_muxer_the_failure_is_of_the_muxer_stage()
    {
        Task<UpgradedConnection> responding = UpgradeAsync(Upgrader(s_bob, [s_noise], "/b"), _pair.Second, ConnectionRole.Responder);
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(
            () => UpgradeAsync(Upgrader(s_alice, [s_noise], "/a"), _pair.First, ConnectionRole.Initiator));

        Assert.Equal(DialStage.Muxer, failed.Stage);
        Assert.Equal("/a", Assert.IsType<ProtocolNotSupportedException>(failed.InnerException).Offered.Single().Value);
        Assert.True(_pair.First.IsDisposed);
        Assert.Equal(DialStage.Muxer, (await Assert.ThrowsAsync<UpgradeException>(() => responding)).Stage);
    }

    [Fact]
    public async Task Another_peer_than_expected_fails_in_security()
    {
        Task<UpgradedConnection> responding = UpgradeAsync(Upgrader(s_bob, [s_noise], "/a"), _pair.Second, ConnectionRole.Responder);
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(() => UpgradeAsync(
            Upgrader(s_alice, [s_noise], "/a"), _pair.First, ConnectionRole.Initiator, ExpectedPeer.Exactly(s_alice.PublicKey.PeerId)));

        Assert.Equal(DialStage.Security, failed.Stage);
        Assert.IsType<HandshakeException>(failed.InnerException);
        Assert.Contains("expected was", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<UpgradeException>(() => responding);
    }

    [Fact]
    public async Task Garbage_fails_in_security_and_is_shown()
    {
        _pair.First.Output.Write("GET / HTTP/1.1\r\n\r\n"u8);
        await _pair.First.Output.FlushAsync();
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(
            () => UpgradeAsync(Upgrader(s_bob, [s_noise], "/a"), _pair.Second, ConnectionRole.Responder));

        Assert.Contains("GET / HTTP/1.1\\r\\n", failed.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Violation, failed.Reason.By);
    }

    [Fact]
    public async Task A_remote_that_leaves_at_once_is_named()
    {
        await _pair.First.DisposeAsync();
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(
            () => UpgradeAsync(Upgrader(s_bob, [s_noise], "/a"), _pair.Second, ConnectionRole.Responder));
        Assert.IsType<NegotiationException>(failed.InnerException);
    }

    [Theory]
    [InlineData("")]                                                    // before the negotiation of security
    [InlineData("\u0013/multistream/1.0.0\n\u0007/noise\n")]            // in the handshake
    public async Task Cancelling_at_any_step_closes_the_link(string heard)
    {
        using CancellationTokenSource source = new();
        await _pair.First.Output.WriteAsync(Encoding.UTF8.GetBytes(heard));
        Task<UpgradedConnection> responding = Upgrader(s_bob, [s_noise], "/a")
            .UpgradeAsync(_pair.Second, Request(ConnectionRole.Responder), source.Token).AsTask();
        Assert.False(responding.IsCompleted);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => responding);
        Assert.True(_pair.Second.IsDisposed);
        Assert.Equal(EndedBy.Caller, _pair.Second.AbortReason?.By);
    }

    [Fact]
    public async Task Cancelling_while_a_muxer_is_negotiated_closes_the_secured_link()
    {
        using CancellationTokenSource source = new();
        Task<UpgradedConnection> responding = Upgrader(s_bob, [s_noise], "/b")
            .UpgradeAsync(_pair.Second, Request(ConnectionRole.Responder), source.Token).AsTask();
        Assert.Equal("/noise", (await Libp2p.Negotiation.MultistreamSelect.InitiateAsync(_pair.First, ["/noise"], s_none)).Value);
        SecuredLink secured = await s_noise.SecureAsync(_pair.First, new SecurityRequest
        {
            Role = ConnectionRole.Initiator,
            ExpectedPeer = ExpectedPeer.Anyone,
            Identity = s_alice,
        }, s_none);
        await secured.Link.Input.ReadAtLeastAsync(20); // the responder's greeting: it negotiates
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => responding);
        Assert.True(_pair.Second.IsDisposed);
        Assert.Contains(nameof(DialStage.Muxer), _pair.Second.AbortReason?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_muxer_that_cannot_start_is_a_failure_like_any_other()
    {
        Upgrader broken = new([s_noise], [new StubMuxer("/a") { Fails = new InvalidOperationException("Out of order") }], s_bob, Seams());
        Task<UpgradedConnection> initiating = UpgradeAsync(Upgrader(s_alice, [s_noise], "/a"), _pair.First, ConnectionRole.Initiator);
        UpgradeException failed = await Assert.ThrowsAsync<UpgradeException>(() => UpgradeAsync(broken, _pair.Second, ConnectionRole.Responder));

        Assert.Equal(DialStage.Muxer, failed.Stage);
        Assert.Equal("Out of order", failed.Message);
        Assert.Equal(EndedBy.Local, failed.Reason.By);
        Assert.True(_pair.Second.IsDisposed);
        await (await initiating).DisposeAsync();
    }

    private static Upgrader Upgrader(IIdentitySigner identity, IReadOnlyList<ISecurityProtocol> security, params string[] muxers) =>
        new(security, [.. muxers.Select(id => new StubMuxer(id))], identity, Seams());

    private static NodeSeams Seams() => new(TimeProvider.System, CryptoRandomSource.Instance, ThreadPoolScheduler.Instance);

    private static UpgradeRequest Request(ConnectionRole role, ExpectedPeer? expected = null) =>
        new(role, expected ?? ExpectedPeer.Anyone, new TestScope());

    private static Task<UpgradedConnection> UpgradeAsync(
        Upgrader upgrader, IByteLink link, ConnectionRole role, ExpectedPeer? expected = null) =>
        upgrader.UpgradeAsync(link, Request(role, expected), s_none).AsTask();

    private async Task<(UpgradedConnection First, UpgradedConnection Second)> UpgradeBothAsync(Upgrader first, Upgrader second)
    {
        Task<UpgradedConnection> responding = UpgradeAsync(second, _pair.Second, ConnectionRole.Responder);
        UpgradedConnection initiated = await UpgradeAsync(first, _pair.First, ConnectionRole.Initiator);
        return (initiated, await responding);
    }

    private static async Task TalkAsync(UpgradedConnection first, UpgradedConnection second)
    {
        await ((StubConnection)first.Muxed).Link.Output.WriteAsync("hello"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await ((StubConnection)second.Muxed).Link.Input.ReadExactlyAsync(5));
    }

    private sealed class ReadsFirst : ISecurityProtocol
    {
        public ProtocolId Id { get; } = "/reads-first";

        public async ValueTask<SecuredLink> SecureAsync(IByteLink link, SecurityRequest request, CancellationToken cancellationToken)
        {
            byte[] read = await link.Input.ReadExactlyAsync(5, cancellationToken);
            throw new HandshakeException(Encoding.UTF8.GetString(read), EndedBy.Remote);
        }
    }
}
