using System.Buffers;
using Libp2p.Connections;
using Libp2p.Multiformats;
using Libp2p.Protobuf;
using Libp2p.Security;
using Libp2p.Security.Plaintext;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Plaintext;

public sealed class PlaintextSecurityTests
{
    private static readonly KeyPairSigner s_alice = TestIdentity.Ed25519(1);
    private static readonly KeyPairSigner s_bob = TestIdentity.Ed25519(2);
    private static readonly PlaintextSecurity s_plaintext = new();
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly MemoryLinkPair _pair = new();

    [Fact]
    public async Task Each_end_learns_who_the_other_says_it_is_and_bytes_flow_plain()
    {
        Task<SecuredLink> responding = s_plaintext.SecureAsync(_pair.Second, Request(s_bob, ConnectionRole.Responder), s_none).AsTask();
        SecuredLink first = await s_plaintext.SecureAsync(_pair.First, Request(s_alice, expected: s_bob.PublicKey.PeerId), s_none);
        SecuredLink second = await responding;

        Assert.Equal(s_bob.PublicKey, first.Result.RemoteKey);
        Assert.Equal(s_alice.PublicKey.PeerId, second.Result.RemotePeer);
        await first.Link.Output.WriteAsync("plain"u8.ToArray());
        Assert.Equal("plain"u8.ToArray(), await _pair.Second.Input.ReadExactlyAsync(5));
    }

    [Fact]
    public async Task The_exchange_is_read_at_every_split_and_what_follows_stays()
    {
        byte[] exchange = [.. Exchange(s_bob.PublicKey), .. "rest"u8];

        for (int cut = 1; cut < exchange.Length; cut++)
        {
            MemoryLinkPair pair = new();
            Task<SecuredLink> securing = s_plaintext.SecureAsync(pair.First, Request(s_alice), s_none).AsTask();
            await pair.Second.Output.WriteAsync(exchange.AsMemory(0, cut));
            await pair.Second.Output.WriteAsync(exchange.AsMemory(cut));
            Assert.Equal(s_bob.PublicKey, (await securing).Result.RemoteKey);
            Assert.Equal("rest"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(4));
        }
    }

    [Fact]
    public async Task Another_peer_than_expected_is_refused()
    {
        await _pair.Second.Output.WriteAsync(Exchange(s_bob.PublicKey));
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
            () => s_plaintext.SecureAsync(_pair.First, Request(s_alice, expected: s_alice.PublicKey.PeerId), s_none).AsTask());
        Assert.Contains("expected was", failed.Message, StringComparison.Ordinal);
        Assert.False(_pair.First.IsDisposed);
    }

    [Fact]
    public async Task An_id_that_is_not_the_keys_is_refused()
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(1, s_alice.PublicKey.PeerId.Bytes);
        message.WriteField(2, s_bob.PublicKey.ToProtobuf().Span);
        await RefuseAsync([(byte)message.WrittenCount, .. message.WrittenSpan]);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("020a00")]
    [InlineData("03ffffff")]
    [InlineData("8080808001")]
    [InlineData("8000")]
    [InlineData("ffffffffffffffffffff")]
    public Task Other_messages_are_refused(string hex) => RefuseAsync(Convert.FromHexString(hex));

    [Fact]
    public async Task An_end_at_any_byte_is_refused()
    {
        byte[] exchange = Exchange(s_bob.PublicKey);

        for (int length = 0; length < exchange.Length; length++)
        {
            MemoryLinkPair pair = new();
            await pair.Second.Output.WriteAsync(exchange.AsMemory(0, length));
            await pair.Second.Output.CompleteAsync();
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
                () => s_plaintext.SecureAsync(pair.First, Request(s_alice), s_none).AsTask());
            Assert.Equal(EndedBy.Remote, failed.Reason.By);
        }
    }

    private async Task RefuseAsync(byte[] exchange)
    {
        await _pair.Second.Output.WriteAsync(exchange);
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(
            () => s_plaintext.SecureAsync(_pair.First, Request(s_alice), s_none).AsTask());
        Assert.Equal(EndedBy.Violation, failed.Reason.By);
    }

    private static byte[] Exchange(PublicKey key)
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(1, key.PeerId.Bytes);
        message.WriteField(2, key.ToProtobuf().Span);
        ArrayBufferWriter<byte> framed = new();
        Varint.Write(framed, (ulong)message.WrittenCount);
        framed.Write(message.WrittenSpan);
        return framed.WrittenSpan.ToArray();
    }

    private static SecurityRequest Request(IIdentitySigner identity, ConnectionRole role = ConnectionRole.Initiator, PeerId? expected = null) => new()
    {
        Role = role,
        ExpectedPeer = expected is null ? ExpectedPeer.Anyone : ExpectedPeer.Exactly(expected),
        Identity = identity,
    };
}
