using System.Buffers;
using System.Text.Json;
using Libp2p.Protobuf;
using Libp2p.Security;
using Libp2p.Security.Noise;
using Libp2p.TestKit;

namespace Libp2p.Tests.Security.Noise;

public sealed class NoisePayloadTests
{
    private static readonly JsonElement[] s_vectors =
        [.. VectorFile.Read("noise", "libp2p_identity_payload.json").GetProperty("payloads").EnumerateArray()];

    public static TheoryData<string> KeyTypes => [.. s_vectors.Select(v => v.Text("key_type"))];

    [Theory]
    [MemberData(nameof(KeyTypes))]
    public void Payloads_of_js_are_read_verified_and_written(string keyType)
    {
        JsonElement vector = s_vectors.Single(v => v.Text("key_type") == keyType);
        NoisePayload payload = NoisePayload.TryRead(vector.Hex("payload_hex"))!;
        PublicKey key = PublicKey.FromProtobuf(payload.IdentityKey.Span);

        Assert.Equal(vector.Text("peer_id"), key.PeerId.ToString());
        Assert.Equal(vector.Hex("signature_hex"), payload.Signature.ToArray());
        Assert.Same(SecurityExtensions.None, payload.Extensions);
        Assert.Equal(vector.Hex("payload_hex"), Write(payload));
        Assert.True(TestIdentity.Verifier.Verify(
            key, NoisePayload.SignedMessage(vector.Hex("static_public_hex")), payload.Signature.Span));
    }

    [Fact]
    public void Extensions_survive()
    {
        NoisePayload payload = NoisePayload.TryRead(Write(new NoisePayload(new byte[] { 1 }, new byte[] { 2, 3 }, new SecurityExtensions
        {
            StreamMuxers = ["/yamux/1.0.0", "/mplex/6.7.0"],
            WebTransportCertificateHashes = [new byte[] { 0x12, 0x01, 0xFF }, new byte[] { 0x12, 0x00 }],
        })))!;

        Assert.Equal(["/yamux/1.0.0", "/mplex/6.7.0"], payload.Extensions.StreamMuxers.Select(m => m.Value));
        Assert.Equal(["1201FF", "1200"], payload.Extensions.WebTransportCertificateHashes.Select(h => Convert.ToHexString(h.Span)));
        Assert.Equal([2, 3], payload.Signature.ToArray());
    }

    [Fact]
    public void Unknown_fields_are_passed_over_and_repeated_messages_are_merged()
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(3, "early data of old"u8);
        message.WriteField(1, "old key"u8);
        message.WriteField(4, Extensions(e => e.WriteField(2, "/a"u8)));
        message.WriteField(9, 5UL);
        message.WriteField(1, "key"u8);
        message.WriteField(4, Extensions(e =>
        {
            e.WriteField(3, "handshake only"u8);
            e.WriteField(2, 7UL); // the number of a field that we know, encoded as another one
            e.WriteField(2, "/b"u8);
            e.WriteField(77, "?"u8);
        }));
        message.Write(new byte[] { 0x55, 1, 2, 3, 4, 0x51, 1, 2, 3, 4, 5, 6, 7, 8 }); // fixed 32 and 64

        NoisePayload payload = NoisePayload.TryRead(message.WrittenMemory)!;
        Assert.Equal("key"u8.ToArray(), payload.IdentityKey.ToArray());
        Assert.True(payload.Signature.IsEmpty);
        Assert.Equal(["/a", "/b"], payload.Extensions.StreamMuxers.Select(m => m.Value));
    }

    [Fact]
    public void Muxers_that_cannot_be_ids_are_left_out()
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(4, Extensions(e =>
        {
            e.WriteField(2, ""u8);
            e.WriteField(2, "/a\n"u8);
            e.WriteField(2, [0xFF, 0xFE]);
            e.WriteField(2, new byte[1024]);
            e.WriteField(2, "/b"u8);
        }));

        Assert.Equal(["/b"], NoisePayload.TryRead(message.WrittenMemory)!.Extensions.StreamMuxers.Select(m => m.Value));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 0)]
    [InlineData(3000, 0)]
    public void Lists_that_are_too_long_are_ignored(int count, int expected)
    {
        ArrayBufferWriter<byte> message = new();
        message.WriteField(4, Extensions(e =>
        {
            for (int i = 0; i < count; i++)
            {
                e.WriteField(2, "/a"u8);
                e.WriteField(1, [1]);
            }
        }));

        SecurityExtensions extensions = NoisePayload.TryRead(message.WrittenMemory)!.Extensions;
        Assert.Equal(expected, extensions.StreamMuxers.Count);
        Assert.Equal(expected, extensions.WebTransportCertificateHashes.Count);
    }

    [Theory]
    [InlineData("0a")]
    [InlineData("0a05ffff")]
    [InlineData("0affffffffffffffffff01")]
    [InlineData("0affffffffffffffffffff01")]
    [InlineData("00")]
    [InlineData("0b")]
    [InlineData("ffffffffffff01")]
    [InlineData("22020a05")]
    [InlineData("2201ff")]
    [InlineData("55010203")]
    public void Malformed_payloads_are_null(string hex) => Assert.Null(NoisePayload.TryRead(Convert.FromHexString(hex)));

    [Fact]
    public void Random_changes_never_throw()
    {
        byte[] good = Write(new NoisePayload(new byte[36], new byte[64], new SecurityExtensions { StreamMuxers = ["/yamux/1.0.0"] }));
        SeededRandomSource random = new(11);

        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = good[..(1 + random.Next(good.Length))];
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            NoisePayload.TryRead(changed);
        }
    }

    private static byte[] Write(NoisePayload payload)
    {
        ArrayBufferWriter<byte> message = new();
        payload.Write(message);
        return message.WrittenSpan.ToArray();
    }

    private static ReadOnlySpan<byte> Extensions(Action<ArrayBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> extensions = new();
        write(extensions);
        return extensions.WrittenSpan;
    }
}
