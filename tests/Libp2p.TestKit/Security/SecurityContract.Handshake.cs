using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.TestKit;

/// <content>What a handshake tells, and whom it refuses.</content>
public abstract partial class SecurityContract
{
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(100)]
    public void Each_end_learns_the_identity_of_the_other(int segmentSize) => Run(async () =>
    {
        await using Handshake handshake = Begin(
            request => request with { ExpectedPeer = ExpectedPeer.Exactly(Bob.PublicKey.PeerId) },
            request => request with { ExpectedPeer = ExpectedPeer.Exactly(Alice.PublicKey.PeerId) },
            segmentSize: segmentSize);
        (SecuredLink initiator, SecuredLink responder) = await handshake.BothAsync();

        Assert.Equal((Bob.PublicKey, Bob.PublicKey.PeerId), (initiator.Result.RemoteKey, initiator.Result.RemotePeer));
        Assert.Equal((Alice.PublicKey, Alice.PublicKey.PeerId), (responder.Result.RemoteKey, responder.Result.RemotePeer));
        Assert.Equal(Create(1).Id, initiator.Result.Protocol);
        Assert.Equal(initiator.Result.Protocol, responder.Result.Protocol);
        Assert.Equal((null, null), (initiator.Result.EarlyMuxer, responder.Result.EarlyMuxer));
        Assert.Equal(handshake.Wire.Initiator.LocalAddress, initiator.Link.LocalAddress);
        Assert.Equal(handshake.Wire.Initiator.RemoteAddress, initiator.Link.RemoteAddress);
        Assert.Equal((false, null), (initiator.Link.IsRelayed, initiator.Link.Limit));
    });

    [Theory]
    [InlineData(KeyType.Rsa)]
    [InlineData(KeyType.Secp256k1)]
    [InlineData(KeyType.Ecdsa)]
    public void Identities_of_every_type_are_taken_in_both_roles(KeyType type) => Run(async () =>
    {
        using KeyPairSigner one = TestIdentity.Of(type, 11);
        using KeyPairSigner other = TestIdentity.Of(type, 12);
        await using Handshake handshake = Begin(request => request with { Identity = one }, request => request with { Identity = other });
        (SecuredLink initiator, SecuredLink responder) = await handshake.BothAsync();

        Assert.Equal(other.PublicKey, initiator.Result.RemoteKey);
        Assert.Equal(one.PublicKey, responder.Result.RemoteKey);
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Another_peer_than_the_expected_one_is_refused_and_both_are_named(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = BeginAs(role, request => request with { ExpectedPeer = ExpectedPeer.Exactly(Carol.PublicKey.PeerId) });
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));

        Assert.Contains(Carol.PublicKey.PeerId.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(IdentityOf(Other(role)).PublicKey.PeerId.ToString(), refused.Message, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Without_an_expected_peer_no_peer_is_accepted(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = BeginAs(role, request => request with { ExpectedPeer = default });
        await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void An_identity_whose_key_the_remote_does_not_hold_is_refused(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.Authenticates))
        {
            return;
        }

        await using Handshake handshake = BeginAs(Other(role), request => request with { Identity = new Impostor(Bob.PublicKey, Carol) });
        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));

        Assert.Equal(EndedBy.Violation, refused.Reason.By);
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_signer_that_fails_is_our_fault_and_its_exception_is_kept(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.Authenticates))
        {
            return;
        }

        await using Handshake handshake = BeginAs(role, request => request with { Identity = new LockedVault(Alice.PublicKey) });
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));

        Assert.Equal(EndedBy.Local, failed.Reason.By);
        Assert.IsType<UnauthorizedAccessException>(failed.InnerException);
    });

    [Fact]
    public void Both_ends_have_the_same_prologue() => Run(async () =>
    {
        if (!Has(SecurityFeatures.MixesPrologue))
        {
            return;
        }

        byte[] prologue = "both ends know this"u8.ToArray();
        await using (Handshake same = Begin(request => request with { Prologue = prologue }, request => request with { Prologue = prologue }))
        {
            await same.BothAsync();
        }

        foreach (ReadOnlyMemory<byte> another in new ReadOnlyMemory<byte>[] { default, "both ends know that"u8.ToArray(), prologue.AsMemory(1) })
        {
            await using Handshake different = Begin(request => request with { Prologue = prologue }, request => request with { Prologue = another });
            await Assert.ThrowsAsync<HandshakeException>(() => different.Initiating);
            await Assert.ThrowsAsync<HandshakeException>(() => different.Responding);
        }
    });

    [Theory]
    [InlineData("/a", "/a", "/a")]
    [InlineData("/b /a", "/a /b", "/b")]
    [InlineData("/x /a", "/a /y", "/a")]
    [InlineData("/x", "/y", null)]
    [InlineData("", "/a", null)]
    [InlineData("/a", "", null)]
    public void The_early_muxer_is_the_initiators_first_that_the_responder_has(string initiators, string responders, string? agreed) => Run(async () =>
    {
        if (!Has(SecurityFeatures.CarriesExtensions))
        {
            return;
        }

        await using Handshake handshake = Begin(
            request => request with { Extensions = new SecurityExtensions { StreamMuxers = Ids(initiators) } },
            request => request with { Extensions = new SecurityExtensions { StreamMuxers = Ids(responders) } });
        (SecuredLink initiator, SecuredLink responder) = await handshake.BothAsync();

        Assert.Equal((agreed, agreed), (initiator.Result.EarlyMuxer?.Value, responder.Result.EarlyMuxer?.Value));
    });

    [Fact]
    public void Two_initiators_fail_instead_of_waiting_for_each_other() => Run(async () =>
    {
        if (!Has(SecurityFeatures.HasRoles))
        {
            return;
        }

        await using Handshake handshake = Begin(responder: request => request with { Role = ConnectionRole.Initiator });
        await Assert.ThrowsAsync<HandshakeException>(() => handshake.Initiating);
        await Assert.ThrowsAsync<HandshakeException>(() => handshake.Responding);
    });

    private static ProtocolId[] Ids(string list) => [.. list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => new ProtocolId(id))];

    private static KeyPairSigner IdentityOf(ConnectionRole role) => role == ConnectionRole.Initiator ? Alice : Bob;

    /// <summary>Starts a handshake in which the end of one role is told something else, or something happens to what it hears.</summary>
    private Handshake BeginAs(ConnectionRole role, Func<SecurityRequest, SecurityRequest>? told = null, Action<TappedDirection>? heard = null) => Begin(
        role == ConnectionRole.Initiator ? told : null,
        role == ConnectionRole.Responder ? told : null,
        wire => heard?.Invoke(role == ConnectionRole.Initiator ? wire.ToInitiator : wire.ToResponder));

    /// <summary>Claims one key and signs with another.</summary>
    private sealed class Impostor(PublicKey claimed, KeyPairSigner held) : IIdentitySigner
    {
        public PublicKey PublicKey => claimed;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) => held.SignAsync(message, cancellationToken);
    }

    private sealed class LockedVault(PublicKey key) : IIdentitySigner
    {
        public PublicKey PublicKey => key;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
            throw new UnauthorizedAccessException("The vault is locked");
    }
}
