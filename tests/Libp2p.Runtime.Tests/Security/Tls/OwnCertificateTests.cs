using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Tls;
using Libp2p.TestKit;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Security.Tls;

/// <summary>Our certificates: made once, renewed in time, and believed by remotes whose clocks are a day off.</summary>
public sealed class OwnCertificateTests : IDisposable
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    private readonly ManualClock _clock = new(CertificateRecipe.Now);
    private readonly CountingSigner _identity = new(TestIdentity.Ed25519(5));
    private readonly TlsCertificates _certificates;

    public OwnCertificateTests() =>
        _certificates = new TlsCertificates(new NodeSeams(_clock, new SeededRandomSource(1), ThreadPoolScheduler.Instance));

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task It_holds_the_identity_in_its_only_extension_and_a_positive_serial_number()
    {
        OwnCertificate own = await GetAsync();
        RemoteCertificate read = RemoteCertificate.TryRead(own.Der, out _)!;
        Assert.Equal(_identity.PublicKey.ToProtobuf().ToArray(), read.Identity.PublicKey.ToArray());
        Assert.Equal(0x0403, read.Algorithm.Scheme);
        Assert.Equal(SignedKey.Oid, Assert.Single(own.Context.TargetCertificate.Extensions).Oid!.Value);
        Assert.InRange(own.Context.TargetCertificate.SerialNumberBytes.Span[0], 0x40, 0x7F);
        Assert.Empty(own.Context.IntermediateCertificates);
        Assert.InRange(own.Der.Length, 300, 450);
    }

    [Theory]
    [InlineData(KeyType.Rsa)]
    [InlineData(KeyType.Ecdsa)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ed25519)]
    public async Task It_is_believed_for_identities_of_every_type(KeyType type)
    {
        using KeyPairSigner identity = TestIdentity.Of(type, 3);
        OwnCertificate own = await _certificates.GetAsync(identity, default);
        Assert.Equal(identity.PublicKey, await VerifyAsync(own, _clock.GetUtcNow()));
    }

    [Fact]
    public async Task It_is_renewed_long_before_remotes_a_day_off_refuse_it()
    {
        OwnCertificate first = await GetAsync();
        RemoteCertificate read = RemoteCertificate.TryRead(first.Der, out _)!;
        Assert.True(read.NotBefore <= _clock.GetUtcNow() - s_day, "It does not hold yet for a clock that is a day late.");
        _clock.Advance(OwnCertificate.RenewalAge - TimeSpan.FromSeconds(1));
        Assert.Same(first, await GetAsync());
        Assert.True(read.NotAfter >= _clock.GetUtcNow() + s_day, "It has run out for a clock that is a day early.");
        _clock.Advance(TimeSpan.FromSeconds(1));
        OwnCertificate second = await GetAsync();

        Assert.NotSame(first, second);
        Assert.Equal(2, _identity.Signatures);
        Assert.Equal(_identity.PublicKey, await VerifyAsync(second, _clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_renews_it()
    {
        OwnCertificate first = await GetAsync();
        _clock.StepTimeOfDay(-s_day);
        Assert.Same(first, await GetAsync());
        _clock.StepTimeOfDay(-s_day);
        Assert.NotSame(first, await GetAsync());
    }

    [Fact]
    public async Task Handshakes_at_once_share_one_signature_and_one_that_gives_up_takes_none_along()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _identity.Gate = gate.Task;
        using CancellationTokenSource source = new();
        Task<OwnCertificate> impatient = _certificates.GetAsync(_identity, source.Token).AsTask();
        Task<OwnCertificate>[] others = [.. Enumerable.Range(0, 10).Select(_ => GetAsync())];
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        gate.SetResult();
        OwnCertificate[] all = await Task.WhenAll(others);

        Assert.Single(all.Distinct());
        Assert.Equal(2, _identity.Signatures);
    }

    [Fact]
    public async Task Another_identity_has_another_certificate()
    {
        OwnCertificate first = await GetAsync();
        OwnCertificate second = await _certificates.GetAsync(TestIdentity.Ed25519(6), default);
        Assert.NotSame(first, second);
        Assert.NotEqual(await VerifyAsync(first, _clock.GetUtcNow()), await VerifyAsync(second, _clock.GetUtcNow()));
    }

    private Task<OwnCertificate> GetAsync() => _certificates.GetAsync(_identity, default).AsTask();

    private static async Task<PublicKey> VerifyAsync(OwnCertificate own, DateTimeOffset now) =>
        await new CertificateVerifier(TestIdentity.Verifier, new ManualClock(now)).VerifyAsync(own.Der, ExpectedPeer.Anyone, default);

    private sealed class CountingSigner(KeyPairSigner inner) : IIdentitySigner
    {
        public int Signatures { get; private set; }

        public Task Gate { get; set; } = Task.CompletedTask;

        public PublicKey PublicKey => inner.PublicKey;

        public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
        {
            Signatures++;
            await Gate.WaitAsync(cancellationToken);
            return await inner.SignAsync(message, cancellationToken);
        }
    }
}
