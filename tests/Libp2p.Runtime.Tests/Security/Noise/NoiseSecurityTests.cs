using System.Buffers;
using Libp2p.Connections;
using Libp2p.Crypto;
using Libp2p.Protobuf;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

public sealed class NoiseSecurityTests
{
    private static readonly KeyPairSigner s_alice = TestIdentity.Ed25519(1);
    private static readonly KeyPairSigner s_bob = TestIdentity.Ed25519(2);
    private static readonly NoiseSecurity s_noise = new(CryptoEngine.Default, TestIdentity.Verifier, CryptoRandomSource.Instance);
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(100)]
    public async Task Both_ends_authenticate_each_other_and_exchange_bytes(int segmentSize)
    {
        MemoryLinkPair pair = new(segmentSize: segmentSize);
        (SecuredLink first, SecuredLink second) = await SecureBothAsync(pair, Initiator(s_bob.PublicKey.PeerId), Responder());

        Assert.Equal(s_bob.PublicKey, first.Result.RemoteKey);
        Assert.Equal(s_bob.PublicKey.PeerId, first.Result.RemotePeer);
        Assert.Equal(s_alice.PublicKey, second.Result.RemoteKey);
        Assert.Equal("/noise", first.Result.Protocol?.Value);
        Assert.Null(first.Result.EarlyMuxer);
        Assert.Equal(pair.First.RemoteAddress, first.Link.RemoteAddress);

        await first.Link.Output.WriteAsync("hello"u8.ToArray());
        await second.Link.Output.WriteAsync("world"u8.ToArray());
        Assert.Equal("hello"u8.ToArray(), await second.Link.Input.ReadExactlyAsync(5));
        Assert.Equal("world"u8.ToArray(), await first.Link.Input.ReadExactlyAsync(5));

        await first.Link.DisposeAsync();
        await second.Link.DisposeAsync();
        Assert.True(pair.First.IsDisposed && pair.Second.IsDisposed);
    }

    [Theory]
    [InlineData("rsa")]
    [InlineData("ecdsa")]
    [InlineData("secp256k1")]
    public async Task Identities_of_every_type_are_authenticated(string type)
    {
        using KeyPairSigner carol = new(type switch
        {
            "rsa" => PrivateKey.GenerateRsa(),
            "ecdsa" => PrivateKey.GenerateEcdsa(new SeededRandomSource(1)),
            _ => PrivateKey.GenerateSecp256k1(CryptoRandomSource.Instance, CryptoEngine.Default),
        });

        (SecuredLink first, SecuredLink second) = await SecureBothAsync(
            new MemoryLinkPair(), Initiator(carol.PublicKey.PeerId), Responder() with { Identity = carol });
        Assert.Equal(carol.PublicKey, first.Result.RemoteKey);
        Assert.Equal(s_alice.PublicKey, second.Result.RemoteKey);
    }

    [Fact]
    public async Task What_a_peer_sends_behind_its_last_message_stays_in_the_link()
    {
        MemoryLinkPair pair = new();
        Task<SecuredLink> responding = s_noise.SecureAsync(pair.Second, Responder(), s_none).AsTask();
        SecuredLink first = await s_noise.SecureAsync(pair.First, Initiator(), s_none);
        await first.Link.Output.WriteAsync("at once"u8.ToArray());

        SecuredLink second = await responding;
        Assert.Equal("at once"u8.ToArray(), await second.Link.Input.ReadExactlyAsync(7));
    }

    public static TheoryData<string[], string[], string?> MuxerLists => new()
    {
        { ["/yamux/1.0.0"], ["/yamux/1.0.0"], "/yamux/1.0.0" },
        { ["/b", "/a"], ["/a", "/b"], "/b" },
        { ["/x", "/a"], ["/a", "/y"], "/a" },
        { ["/x"], ["/y"], null },
        { [], ["/a"], null },
        { ["/a"], [], null },
    };

    [Theory]
    [MemberData(nameof(MuxerLists))]
    public async Task The_early_muxer_is_the_initiators_first_that_the_responder_has(string[] initiators, string[] responders, string? expected)
    {
        byte[] hash = [0x12, 0x20, .. new byte[32]];
        (SecuredLink first, SecuredLink second) = await SecureBothAsync(
            new MemoryLinkPair(),
            Initiator() with { Extensions = new SecurityExtensions { StreamMuxers = [.. initiators.Select(m => new ProtocolId(m))] } },
            Responder() with
            {
                Extensions = new SecurityExtensions
                {
                    StreamMuxers = [.. responders.Select(m => new ProtocolId(m))],
                    WebTransportCertificateHashes = [hash],
                },
            });

        Assert.Equal(expected, first.Result.EarlyMuxer?.Value);
        Assert.Equal(expected, second.Result.EarlyMuxer?.Value);
        Assert.Equal(hash, Assert.Single(first.Result.RemoteExtensions.WebTransportCertificateHashes).ToArray());
        Assert.Equal(initiators, second.Result.RemoteExtensions.StreamMuxers.Select(m => m.Value));
    }

    [Fact]
    public async Task Prologues_must_agree()
    {
        byte[] prologue = "libp2p-webrtc-noise:"u8.ToArray();
        await SecureBothAsync(new MemoryLinkPair(), Initiator() with { Prologue = prologue }, Responder() with { Prologue = prologue });

        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
            () => SecureBothAsync(new MemoryLinkPair(), Initiator() with { Prologue = prologue }, Responder()));
        Assert.Contains("not authentic", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_initiator_does_not_answer_another_peer_than_it_expects()
    {
        MemoryLinkPair pair = new();
        Task<SecuredLink> responding = s_noise.SecureAsync(pair.Second, Responder(), s_none).AsTask();
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
            () => s_noise.SecureAsync(pair.First, Initiator(s_alice.PublicKey.PeerId), s_none).AsTask());

        Assert.Contains(s_alice.PublicKey.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        Assert.Contains(s_bob.PublicKey.PeerId.ToString(), failed.Message, StringComparison.Ordinal);
        Assert.False(responding.IsCompleted);
        Assert.False(pair.First.IsDisposed);
        await pair.First.DisposeAsync();
        await Assert.ThrowsAsync<HandshakeException>(() => responding);
    }

    [Fact]
    public async Task A_responder_that_expects_a_peer_accepts_no_other()
    {
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
            () => SecureBothAsync(new MemoryLinkPair(), Initiator(), Responder() with { ExpectedPeer = ExpectedPeer.Exactly(s_bob.PublicKey.PeerId) }));
        Assert.Contains("expected was " + s_bob.PublicKey.PeerId, failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_expects_nobody_accepts_nobody()
    {
        await Assert.ThrowsAsync<HandshakeException>(
            () => SecureBothAsync(new MemoryLinkPair(), Initiator() with { ExpectedPeer = default }, Responder()));
    }

    [Fact]
    public async Task Static_keys_differ_from_handshake_to_handshake()
    {
        HashSet<string> seen = [];

        for (int i = 0; i < 3; i++)
        {
            MemoryLinkPair pair = new();
            using ScriptedNoisePeer peer = new(pair.Second, ConnectionRole.Responder);
            Task<SecuredLink> initiating = s_noise.SecureAsync(pair.First, Initiator(), s_none).AsTask();
            await peer.ReceiveAsync();
            await peer.SendAsync(ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_bob)));
            await initiating;
            await peer.ReceiveAsync();
            Assert.True(seen.Add(Convert.ToHexString(peer.State.RemoteStatic)));
        }
    }

    [Fact]
    public async Task A_signature_over_another_static_key_is_refused()
    {
        HandshakeException failed = await RefuseAsync(async peer =>
            ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_bob) with
            {
                Signature = await s_bob.SignAsync(NoisePayload.SignedMessage(new byte[32]), s_none),
            }));
        Assert.Contains("signature", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signature_of_another_key_is_refused()
    {
        HandshakeException failed = await RefuseAsync(async peer =>
            ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_alice) with { IdentityKey = s_bob.PublicKey.ToProtobuf() }));
        Assert.Contains("signature", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_expected_peer_is_checked_before_the_signature()
    {
        HandshakeException failed = await RefuseAsync(
            async peer => ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_bob) with { Signature = new byte[64] }),
            expected: ExpectedPeer.Exactly(s_alice.PublicKey.PeerId));
        Assert.Contains("expected was", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no payload", "has no identity key")]
    [InlineData("no key", "has no identity key")]
    [InlineData("no signature", "has no signature")]
    [InlineData("bad key", "identity key that is none")]
    [InlineData("malformed", "malformed")]
    public async Task An_incomplete_payload_is_refused_and_the_message_says_why(string fault, string expected)
    {
        HandshakeException failed = await RefuseAsync(async peer =>
        {
            NoisePayload good = await peer.PayloadAsync(s_bob);

            return fault switch
            {
                "no payload" => [],
                "no key" => ScriptedNoisePeer.Bytes(good with { IdentityKey = default }),
                "no signature" => ScriptedNoisePeer.Bytes(good with { Signature = default }),
                "bad key" => ScriptedNoisePeer.Bytes(good with { IdentityKey = new byte[] { 8, 1, 0x12, 1, 0 } }),
                _ => ScriptedNoisePeer.Bytes(good)[..^1],
            };
        });
        Assert.Contains(expected, failed.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Violation, failed.Reason.By);
    }

    [Fact]
    public async Task Unknown_fields_do_not_matter()
    {
        MemoryLinkPair pair = new();
        using ScriptedNoisePeer peer = new(pair.Second, ConnectionRole.Responder);
        Task<SecuredLink> initiating = s_noise.SecureAsync(pair.First, Initiator(), s_none).AsTask();
        await peer.ReceiveAsync();

        ArrayBufferWriter<byte> payload = new();
        payload.WriteField(3, "handshake data"u8);
        payload.Write(ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_bob)));
        payload.WriteField(4, [0x18, 0x01, 0x2A, 0x00]); // extensions 3 and 5
        payload.WriteField(1000, 1UL);
        await peer.SendAsync(payload.WrittenSpan.ToArray());

        Assert.Equal(s_bob.PublicKey, (await initiating).Result.RemoteKey);
    }

    [Theory]
    [InlineData(NoisePayload.MaxSize, true)]
    [InlineData(NoisePayload.MaxSize + 1, false)]
    public async Task Payloads_are_bounded(int size, bool accepted)
    {
        MemoryLinkPair pair = new();
        using ScriptedNoisePeer peer = new(pair.Second, ConnectionRole.Responder);
        Task<SecuredLink> initiating = s_noise.SecureAsync(pair.First, Initiator(), s_none).AsTask();
        await peer.ReceiveAsync();

        ArrayBufferWriter<byte> payload = new();
        payload.Write(ScriptedNoisePeer.Bytes(await peer.PayloadAsync(s_bob)));
        payload.WriteField(9, new byte[size - payload.WrittenCount - 3]);
        Assert.Equal(size, payload.WrittenCount);
        await peer.SendAsync(payload.WrittenSpan.ToArray());

        if (accepted)
        {
            await initiating;
        }
        else
        {
            Assert.Contains("allowed", (await Assert.ThrowsAsync<HandshakeException>(() => initiating)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_length_over_the_limit_is_refused_before_its_bytes_arrive()
    {
        MemoryLinkPair pair = new();
        await pair.First.Output.WriteAsync(new byte[] { 0xFF, 0xFF });
        await Assert.ThrowsAsync<HandshakeException>(() => s_noise.SecureAsync(pair.Second, Responder(), s_none).AsTask());
    }

    [Fact]
    public async Task A_payload_that_nothing_protects_is_refused()
    {
        MemoryLinkPair pair = new();
        using ScriptedNoisePeer peer = new(pair.First, ConnectionRole.Initiator);
        await peer.SendAsync([1]);
        HandshakeException failed =
            await Assert.ThrowsAsync<HandshakeException>(() => s_noise.SecureAsync(pair.Second, Responder(), s_none).AsTask());
        Assert.Contains("message 1", failed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Keys_of_small_order_are_refused(byte value)
    {
        MemoryLinkPair pair = new();
        byte[] message = new byte[34];
        message[1] = 32;
        message[2] = value;
        await pair.First.Output.WriteAsync(message);
        HandshakeException failed =
            await Assert.ThrowsAsync<HandshakeException>(() => s_noise.SecureAsync(pair.Second, Responder(), s_none).AsTask());
        Assert.Contains("small order", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_initiators_fail_instead_of_hanging()
    {
        MemoryLinkPair pair = new();
        Task<SecuredLink> first = s_noise.SecureAsync(pair.First, Initiator(), s_none).AsTask();
        Task<SecuredLink> second = s_noise.SecureAsync(pair.Second, Initiator(), s_none).AsTask();
        await Assert.ThrowsAsync<HandshakeException>(() => first);
        await Assert.ThrowsAsync<HandshakeException>(() => second);
    }

    [Theory]
    [InlineData(ConnectionRole.Initiator)]
    [InlineData(ConnectionRole.Responder)]
    public async Task Cancelling_ends_the_wait_and_leaves_the_link_to_the_caller(ConnectionRole role)
    {
        MemoryLinkPair pair = new();
        using CancellationTokenSource source = new();
        Task<SecuredLink> securing = s_noise.SecureAsync(
            pair.First, role == ConnectionRole.Initiator ? Initiator() : Responder(), source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => securing);
        Assert.False(pair.First.IsDisposed);
        await pair.Second.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal("x"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task A_link_that_breaks_is_named_with_the_step()
    {
        MemoryLinkPair pair = new();
        Task<SecuredLink> securing = s_noise.SecureAsync(pair.First, Initiator(), s_none).AsTask();
        pair.First.Abort(new EndReason(EndedBy.Link, ErrorCode.None, "The cable was cut"));

        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => securing);
        Assert.Contains("Noise message 2", failed.Message, StringComparison.Ordinal);
        Assert.Contains("The cable was cut", failed.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Link, failed.Reason.By);
        Assert.IsType<ConnectionClosedException>(failed.InnerException);
    }

    [Fact]
    public async Task A_signer_that_fails_is_named_and_is_our_fault()
    {
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() =>
            s_noise.SecureAsync(new MemoryLinkPair().First, Initiator() with { Identity = new LockedVault() }, s_none).AsTask());
        Assert.Contains("Signing", failed.Message, StringComparison.Ordinal);
        Assert.Equal(EndedBy.Local, failed.Reason.By);
    }

    private static async Task<HandshakeException> RefuseAsync(Func<ScriptedNoisePeer, Task<byte[]>> payload, ExpectedPeer? expected = null)
    {
        // As the responder, to an initiator of ours.
        MemoryLinkPair pair = new();
        using ScriptedNoisePeer responder = new(pair.Second, ConnectionRole.Responder);
        Task<SecuredLink> initiating = s_noise.SecureAsync(
            pair.First, Initiator() with { ExpectedPeer = expected ?? ExpectedPeer.Anyone }, s_none).AsTask();
        await responder.ReceiveAsync();
        await responder.SendAsync(await payload(responder));
        HandshakeException first = await Assert.ThrowsAsync<HandshakeException>(() => initiating);

        // As the initiator, to a responder of ours.
        pair = new MemoryLinkPair();
        using ScriptedNoisePeer initiator = new(pair.First, ConnectionRole.Initiator);
        Task<SecuredLink> responding = s_noise.SecureAsync(
            pair.Second, Responder() with { ExpectedPeer = expected ?? ExpectedPeer.Anyone }, s_none).AsTask();
        await initiator.SendAsync([]);
        await initiator.ReceiveAsync();
        await initiator.SendAsync(await payload(initiator));
        HandshakeException second = await Assert.ThrowsAsync<HandshakeException>(() => responding);

        Assert.Equal(first.Message, second.Message);
        return first;
    }

    internal static SecurityRequest Initiator(PeerId? expected = null) => new()
    {
        Role = ConnectionRole.Initiator,
        ExpectedPeer = expected is null ? ExpectedPeer.Anyone : ExpectedPeer.Exactly(expected),
        Identity = s_alice,
    };

    internal static SecurityRequest Responder() => new()
    {
        Role = ConnectionRole.Responder,
        ExpectedPeer = ExpectedPeer.Anyone,
        Identity = s_bob,
    };

    private static async Task<(SecuredLink First, SecuredLink Second)> SecureBothAsync(
        MemoryLinkPair pair, SecurityRequest first, SecurityRequest second)
    {
        Task<SecuredLink> initiating = FailBothAsync(s_noise.SecureAsync(pair.First, first, s_none), pair.First);
        Task<SecuredLink> responding = FailBothAsync(s_noise.SecureAsync(pair.Second, second, s_none), pair.Second);
        await Task.WhenAny(initiating, responding).Unwrap();
        return (await initiating, await responding);
    }

    /// <summary>As a caller would: the link of a failed handshake is closed, so that the other end does not wait.</summary>
    private static async Task<SecuredLink> FailBothAsync(ValueTask<SecuredLink> securing, MemoryLink link)
    {
        try
        {
            return await securing;
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    private sealed class LockedVault : IIdentitySigner
    {
        public PublicKey PublicKey => s_alice.PublicKey;

        public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
            throw new UnauthorizedAccessException("The vault is locked");
    }
}
