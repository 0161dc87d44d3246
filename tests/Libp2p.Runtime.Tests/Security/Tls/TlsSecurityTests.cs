using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Tls;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Security.Tls;

/// <summary>Handshakes with remotes that are TLS endpoints, but no honest peers; the contract has those with peers.</summary>
public sealed class TlsSecurityTests : IDisposable
{
    private static readonly KeyPairSigner s_self = TestIdentity.Ed25519(81);

    private readonly MemoryLinkPair _pair = new();
    private readonly TlsSecurity _tls = new(
        TestIdentity.Verifier, new NodeSeams(new ManualClock(CertificateRecipe.Now), new SeededRandomSource(2), ThreadPoolScheduler.Instance));

    public static TheoryData<ConnectionRole, string> Good => Each(CertificateCases.Good.Keys);

    /// <summary>Of those that are refused, the ones that the platform's TLS lets a remote present.</summary>
    public static TheoryData<ConnectionRole, string> Bad => Each(CertificateCases.Bad.Keys.Except(["not for signatures", "not for TLS", "short RSA key"]));

    public void Dispose() => _tls.Dispose();

    [Theory]
    [MemberData(nameof(Good))]
    public async Task A_remote_with_a_good_certificate_is_secured(ConnectionRole role, string name)
    {
        CertificateRecipe recipe = CertificateCases.Good[name];
        using X509Certificate2 certificate = recipe.Make();
        (Task<SecuredLink> securing, Task remote) = Begin(role, certificate);
        await using IByteLink link = (await securing).Link;
        await remote;
        Assert.Equal(recipe.Identity.PublicKey, (await securing).Result.RemoteKey);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_remote_with_a_bad_certificate_is_refused(ConnectionRole role, string name)
    {
        (CertificateRecipe recipe, string said) = CertificateCases.Bad[name];
        using X509Certificate2 certificate = recipe.Make();
        HandshakeException refused = await RefusedAsync(Begin(role, certificate));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Violation, refused.Reason.By);
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator)]
    [InlineData(ConnectionRole.Responder)]
    public async Task A_certificate_with_a_broken_signature_is_refused(ConnectionRole role)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] der = new CertificateRecipe { Key = () => ECDsa.Create(key.ExportParameters(true)) }.Der();
        der[^1] ^= 1;
        using X509Certificate2 spoiled = X509CertificateLoader.LoadCertificate(der).CopyWithPrivateKey(key);
        Assert.Contains("is not signed by its own key", (await RefusedAsync(Begin(role, spoiled))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator)]
    [InlineData(ConnectionRole.Responder)]
    public async Task Two_certificates_are_refused(ConnectionRole role)
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 root = Request("CN=root", rootKey, isIssuer: true).CreateSelfSigned(CertificateRecipe.Now.AddDays(-3), CertificateRecipe.Now.AddDays(9));
        using X509Certificate2 middle = Issue("CN=middle", middleKey, root, isIssuer: true);
        using X509Certificate2 leaf = Issue("CN=leaf", key, middle, isIssuer: false);
        (Task<SecuredLink>, Task) handshake = Begin(role, leaf, issuers: [middle, root]);
        Assert.Contains("comes with others", (await RefusedAsync(handshake)).Message, StringComparison.Ordinal);

        static CertificateRequest Request(string name, ECDsa key, bool isIssuer)
        {
            CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isIssuer, false, 0, true));
            return request;
        }

        static X509Certificate2 Issue(string name, ECDsa key, X509Certificate2 issuer, bool isIssuer) =>
            Request(name, key, isIssuer).Create(issuer, CertificateRecipe.Now.AddDays(-2), CertificateRecipe.Now.AddDays(5), [7, 7]).CopyWithPrivateKey(key);
    }

    [Fact]
    public async Task A_client_without_a_certificate_is_refused()
    {
        HandshakeException refused = await RefusedAsync(Begin(ConnectionRole.Responder, certificate: null));
        Assert.Contains("is missing", refused.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Violation, refused.Reason.By);
    }

    [Fact]
    public async Task A_server_that_asks_for_no_certificate_is_refused()
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        HandshakeException refused = await RefusedAsync(Begin(ConnectionRole.Initiator, certificate, server: options => options.ClientCertificateRequired = false));
        Assert.Contains("asked for no certificate", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "offers no application protocol")]
    [InlineData("h2", "offers neither 'libp2p' nor a muxer of ours")]
    public async Task A_client_without_our_application_protocol_is_refused_with_an_alert(string? protocol, string said)
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        (Task<SecuredLink> securing, Task remote) = Begin(
            ConnectionRole.Responder, certificate, client: options => options.ApplicationProtocols = protocol is null ? null : [new(protocol)]);
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => securing);
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        AuthenticationException told = await Assert.ThrowsAsync<AuthenticationException>(() => remote);
        Assert.Contains("no application protocol", told.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_application_protocols_leaves_the_muxer_to_multistream_select()
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        (Task<SecuredLink> securing, Task remote) = Begin(ConnectionRole.Initiator, certificate, server: options => options.ApplicationProtocols = null);
        await remote;
        Assert.Null((await securing).Result.EarlyMuxer);
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator)]
    [InlineData(ConnectionRole.Responder)]
    public async Task Only_version_1_3_is_spoken(ConnectionRole role)
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        await RefusedAsync(Begin(
            role, certificate, server: options => options.EnabledSslProtocols = SslProtocols.Tls12, client: options => options.EnabledSslProtocols = SslProtocols.Tls12));
    }

    [Fact]
    public async Task A_session_cannot_be_resumed()
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        for (int i = 0; i < 2; i++)
        {
            // The platform's client keeps tickets by its options and the server's name, and presents no certificate when it resumes.
            MemoryLinkPair pair = new();
            await using RawTlsPeer raw = new(pair.Second);
            Task remote = raw.ConnectAsync(certificate, options => (options.TargetHost, options.AllowTlsResume) = ("peer.example", true));
            SecuredLink secured = await _tls.SecureAsync(pair.First, Request(ConnectionRole.Responder), default);
            await remote;
            await secured.Link.Output.WriteAsync(new byte[1]);
            Assert.Equal(1, await raw.Stream.ReadAsync(new byte[10])); // takes the tickets in
            Assert.Equal(CertificateRecipe.Someone.PublicKey, secured.Result.RemoteKey);
        }
    }

    [Fact]
    public async Task A_dialer_shows_nothing_of_itself_to_another_peer_than_the_expected_one()
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        SecurityRequest request = Request(ConnectionRole.Initiator) with { ExpectedPeer = ExpectedPeer.Exactly(s_self.PublicKey.PeerId) };
        await using RawTlsPeer raw = new(_pair.Second);
        X509Certificate? seen = null;
        Task remote = raw.ServeAsync(certificate, options => options.RemoteCertificateValidationCallback = (_, theirs, _, _) => (seen = theirs) is not null);
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => _tls.SecureAsync(_pair.First, request, default).AsTask());
        Assert.Contains(CertificateRecipe.Someone.PublicKey.PeerId.ToString(), refused.Message, StringComparison.Ordinal);
        await _pair.First.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => remote); // the end, and no certificate before it
        Assert.Null(seen);
    }

    [Fact]
    public async Task What_a_verifier_says_late_still_decides_before_the_link_is_given_out()
    {
        using X509Certificate2 certificate = new CertificateRecipe().Make();
        SlowVerifier verifier = new();
        using TlsSecurity slow = new(verifier, new NodeSeams(new ManualClock(CertificateRecipe.Now), new SeededRandomSource(2), ThreadPoolScheduler.Instance));
        await using RawTlsPeer raw = new(_pair.Second);
        Task remote = raw.ServeAsync(certificate);
        Task<SecuredLink> securing = slow.SecureAsync(_pair.First, Request(ConnectionRole.Initiator), default).AsTask();
        await verifier.Asked.Task;
        Assert.False(securing.IsCompleted || remote.IsCompleted);
        verifier.Verdict.SetResult(false);
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => securing);
        Assert.Contains("whose it claims to be", refused.Message, StringComparison.Ordinal);
        await _pair.First.DisposeAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => remote);
    }

    [Fact]
    public async Task A_prologue_is_refused_instead_of_ignored()
    {
        SecurityRequest request = Request(ConnectionRole.Initiator) with { Prologue = new byte[1] };
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => _tls.SecureAsync(_pair.First, request, default).AsTask());
        Assert.Equal(EndedBy.Local, refused.Reason.By);
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator)]
    [InlineData(ConnectionRole.Responder)]
    public async Task An_alert_of_the_remote_is_told(ConnectionRole role)
    {
        Task<SecuredLink> securing = _tls.SecureAsync(_pair.First, Request(role), default).AsTask();
        if (role == ConnectionRole.Responder)
        {
            byte[] hello = "\u0015\u0003\u0003\u0000\u0002\u0002\u0028"u8.ToArray();
            await _pair.Second.Output.WriteAsync(hello);
            Assert.Equal(EndedBy.Violation, (await Assert.ThrowsAsync<HandshakeException>(() => securing)).Reason.By); // no ClientHello
            return;
        }

        await _pair.Second.Output.WriteAsync(new byte[] { 21, 3, 3, 0, 2, 2, 40 });
        HandshakeException told = await Assert.ThrowsAsync<HandshakeException>(() => securing);
        Assert.Contains("handshake_failure", told.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Remote, told.Reason.By);
    }

    [Fact]
    public async Task A_handshake_without_end_is_refused()
    {
        Task<SecuredLink> securing = _tls.SecureAsync(_pair.First, Request(ConnectionRole.Initiator), default).AsTask();
        byte[] record = [22, 3, 3, 0x40, 0, 11, 1, 0, 0, .. new byte[16380]]; // a message of 64 KiB in pieces
        await _pair.Second.Output.WriteAsync(record);
        await _pair.Second.Output.WriteAsync(record);
        await _pair.Second.Output.WriteAsync(record);
        Assert.Equal(EndedBy.Violation, (await Assert.ThrowsAsync<HandshakeException>(() => securing)).Reason.By);
    }

    private (Task<SecuredLink> Securing, Task Remote) Begin(
        ConnectionRole role,
        X509Certificate2? certificate,
        Action<SslServerAuthenticationOptions>? server = null,
        Action<SslClientAuthenticationOptions>? client = null,
        X509Certificate2[]? issuers = null)
    {
        RawTlsPeer raw = new(_pair.Second);
        Task remote = role == ConnectionRole.Initiator
            ? raw.ServeAsync(certificate!, server, issuers ?? [])
            : raw.ConnectAsync(certificate, client, issuers ?? []);
        return (_tls.SecureAsync(_pair.First, Request(role), default).AsTask(), remote);
    }

    private async Task<HandshakeException> RefusedAsync((Task<SecuredLink> Securing, Task Remote) handshake)
    {
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Securing);
        await _pair.First.DisposeAsync();
        await handshake.Remote.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return refused;
    }

    private static SecurityRequest Request(ConnectionRole role) => new() { Role = role, ExpectedPeer = ExpectedPeer.Anyone, Identity = s_self };

    private static TheoryData<ConnectionRole, string> Each(IEnumerable<string> names)
    {
        TheoryData<ConnectionRole, string> rows = [];
        foreach (string name in names)
        {
            rows.Add(ConnectionRole.Initiator, name);
            rows.Add(ConnectionRole.Responder, name);
        }

        return rows;
    }

    private sealed class SlowVerifier : ISignatureVerifier
    {
        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Verdict { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async ValueTask<bool> VerifyAsync(PublicKey key, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
        {
            Asked.TrySetResult();
            return await Verdict.Task.WaitAsync(cancellationToken);
        }
    }
}
