using System.Text;
using System.Text.Json;
using Libp2p.Multiformats;

namespace Libp2p.Tests;

/// <summary>
/// Every parser gives a value or the one typed error for any input, with bounded memory. Inputs are valid ones, damaged from a seed.
/// </summary>
public class TotalityTests
{
    private const int Mutations = 20_000;

    // Stack buffers do not count. The result itself, and for http-path one scratch buffer, do.
    private const long MaxAllocation = 32 * 1024;

    private static readonly string[] s_addresses =
    [
        .. VectorFile.Rows("multiaddr/multiaddr.json", "text_binary").Select(static row => row.Text("text")),
        .. VectorFile.Rows("multiaddr/multiaddr.json", "valid_text").Select(static row => row.GetString()!),
        .. InvalidTexts(),
    ];

    private static readonly string[] s_peers =
        [.. VectorFile.Rows("peer-id/peer_ids.json", "valid").SelectMany(static row => new[] { row.Text("text"), row.Text("cid_base36") })];

    private static readonly JsonElement[] s_envelopes = [.. VectorFile.Rows("envelope/signed_envelopes.json", "peer_records")];

    [Fact]
    public void Multiaddress_text() => TestText(s_addresses, static text =>
    {
        bool read = Multiaddress.TryParse(text, out Multiaddress? address);
        return (read, () => CheckAddress(address!), () => Multiaddress.Parse(text));
    });

    [Fact]
    public void Multiaddress_utf8() => TestText(s_addresses, static text =>
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        utf8[^1] = (byte)(utf8.Length % 7 == 0 ? 0xC3 : utf8[^1]);
        bool read = Multiaddress.TryParse(utf8, out Multiaddress? address);
        return (read, () => CheckAddress(address!), () => Multiaddress.Parse(utf8));
    });

    [Fact]
    public void Multiaddress_bytes() => TestBytes(
        [.. s_addresses.Select(static text => Multiaddress.TryParse(text, out Multiaddress? address) ? address.Bytes.ToArray() : [1])],
        static bytes =>
        {
            bool read = Multiaddress.TryFromBytes(bytes, out Multiaddress? address);
            return (read, () => CheckAddress(address!, bytes), () => Multiaddress.FromBytes(bytes));
        });

    [Fact]
    public void Peer_id_text() => TestText(s_peers, static text =>
    {
        bool read = PeerId.TryParse(text, out PeerId? peer);
        return (read, () => Assert.Equal(peer, PeerId.Parse(peer!.ToString())), () => PeerId.Parse(text));
    });

    [Fact]
    public void Peer_id_bytes() => TestBytes([.. s_peers.Select(static text => PeerId.Parse(text).Bytes.ToArray())], static bytes =>
    {
        bool read = PeerId.TryFromBytes(bytes, out PeerId? peer);
        return (read, () => CheckPeer(peer!, bytes), () => PeerId.FromBytes(bytes));
    });

    [Fact]
    public void Public_key_protobuf() => TestBytes(
        [
            .. s_peers.Select(static text => PeerId.Parse(text).TryGetPublicKey(out PublicKey? key) ? key.ToProtobuf().ToArray() : [8]),
            new PublicKey(KeyType.Rsa, new byte[300]).ToProtobuf().ToArray(),
        ],
        static bytes =>
        {
            bool read = PublicKey.TryFromProtobuf(bytes, out PublicKey? key);
            return (read, () => Assert.Equal(key, PublicKey.FromProtobuf(key!.ToProtobuf().Span)), () => PublicKey.FromProtobuf(bytes));
        });

    [Fact]
    public void Signed_envelope_bytes() => TestBytes(
        [.. s_envelopes.Select(static row => row.Hex("envelope_hex"))],
        static bytes =>
        {
            bool read = SignedEnvelope.TryParse(bytes, out SignedEnvelope? envelope);
            return (read, () => Assert.Equal(envelope, SignedEnvelope.Parse(envelope!.ToBytes())), () => SignedEnvelope.Parse(bytes));
        });

    [Fact]
    public void Peer_record_bytes() => TestBytes(
        [.. s_envelopes.Select(static row => row.Hex("record_hex"))],
        static bytes =>
        {
            bool read = PeerRecord.TryParse(bytes, out PeerRecord? record);
            return (read, () => CheckRecord(record!), () => PeerRecord.Parse(bytes));
        });

    [Fact]
    public void Multihash_bytes() => TestBytes(
        [.. VectorFile.Rows("multihash/multihash.json", "encode_decode").Select(static row => row.Hex("multihash"))],
        static bytes =>
        {
            bool read = Multihash.TryFromBytes(bytes, out Multihash? hash);
            return (read, () => Assert.Equal(bytes, hash!.Bytes.ToArray()), () => Multihash.FromBytes(bytes));
        });

    [Fact]
    public void Cid_text() => TestText(
        [.. VectorFile.Rows("cid/cid.json", "valid").Select(static row => row.Text("text"))],
        static text =>
        {
            bool read = Cid.TryParse(text, out Cid? cid);
            return (read, () => Assert.Equal(cid, Cid.Parse(cid!.ToString())), () => Cid.Parse(text));
        });

    [Fact]
    public void Cid_bytes() => TestBytes(
        [.. VectorFile.Rows("cid/cid.json", "valid").Select(static row => row.Hex("bytes_hex"))],
        static bytes =>
        {
            bool read = Cid.TryFromBytes(bytes, out Cid? cid);
            return (read, () => Assert.Equal(bytes, cid!.Bytes.ToArray()), () => Cid.FromBytes(bytes));
        });

    [Fact]
    public void Multibase_text() => TestText(
        [.. VectorFile.Rows("multibase/multibase.json", "encode_and_decode").Select(static row => row.Text("text"))],
        static text =>
        {
            bool read = Multibase.TryDecode(text, out MultibaseEncoding encoding, out byte[]? bytes);
            return (
                read,
                () => Assert.Equal(bytes, Multibase.Decode(Multibase.Encode(encoding, bytes), out _)),
                () => Multibase.Decode(text, out _));
        });

    [Fact]
    public void Varint_bytes() => TestBytes(
        [
            .. VectorFile.Rows("varint/uvarint.json", "valid").Select(static row => row.Hex("hex")),
            [255, 255, 255, 255, 255, 255, 255, 255, 127],
        ],
        static bytes =>
        {
            bool read = Varint.Read(bytes, out ulong value, out int consumed) == System.Buffers.OperationStatus.Done;
            return (read, () => Assert.Equal(consumed, Varint.GetLength(value)), () => Varint.Read(bytes, out _));
        });

    [Fact]
    public void Random_bytes_are_refused_or_read_everywhere()
    {
        Random random = new(99);
        int accepted = 0;

        for (int i = 0; i < Mutations; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            bool[] read =
            [
                Multiaddress.TryFromBytes(bytes, out _),
                Multiaddress.TryParse(bytes, out _),
                PeerId.TryFromBytes(bytes, out _),
                PeerId.TryParse(bytes, out _),
                PublicKey.TryFromProtobuf(bytes, out _),
                SignedEnvelope.TryParse(bytes, out _),
                PeerRecord.TryParse(bytes, out _),
                Multihash.TryFromBytes(bytes, out _),
                Cid.TryFromBytes(bytes, out _),
                Cid.TryParse(Encoding.Latin1.GetString(bytes), out _),
                Multibase.TryDecode(Encoding.Latin1.GetString(bytes), out _, out byte[]? _),
            ];
            accepted += read.Count(static value => value);
        }

        Assert.InRange(accepted, 1, Mutations);
    }

    [Fact]
    public void Huge_inputs_are_refused_cheaply()
    {
        string text = "/dns/" + new string('a', 50_000_000);
        byte[] bytes = new byte[50_000_000];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.False(Multiaddress.TryParse(text, out _));
        Assert.False(Multiaddress.TryParse(bytes, out _));
        Assert.False(Multiaddress.TryFromBytes(bytes, out _));
        Assert.False(PeerId.TryParse(text.AsSpan(5), out _));
        Assert.False(PeerId.TryParse(bytes, out _));
        Assert.False(PeerId.TryFromBytes(bytes, out _));
        Assert.False(PublicKey.TryFromProtobuf(bytes, out _));
        Assert.False(SignedEnvelope.TryParse(bytes, out _));
        Assert.False(PeerRecord.TryParse(bytes, out _));
        Assert.False(Multihash.TryFromBytes(bytes, out _));
        Assert.False(Cid.TryFromBytes(bytes, out _));
        Assert.False(Cid.TryParse(text.AsSpan(3), out _));
        Assert.False(Multibase.TryDecode(text.Replace("/dns/", "z", StringComparison.Ordinal), out _, out byte[]? _));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 110_000_000); // the replaced copy of the text, hardly more
    }

    private static void CheckAddress(Multiaddress address, byte[]? bytes = null)
    {
        Assert.InRange(address.Count, 1, Multiaddress.MaxComponents);
        Assert.InRange(address.Bytes.Length, 1, Multiaddress.MaxLength);
        Assert.InRange(address.ToString().Length, 1, Multiaddress.MaxTextLength);
        Assert.Equal(address, Multiaddress.Parse(address.ToString()));
        Assert.Equal(address, Multiaddress.FromBytes(address.Bytes));
        Assert.Equal(address.ToString(), string.Concat(address.Select(static component => component.ToString())));
        Assert.Equal(bytes ?? address.Bytes.ToArray(), address.Bytes.ToArray());

        // None of these may fail, whatever the address.
        _ = (address.Reach, address.IsNat64, address.Peer, address.GetHashCode());
        address.TryGetIPEndPoint(out _);
        address.TryGetHost(out _);
        MultiaddressPattern.Circuit.Matches(address);
        Multiaddress end = address.Peer is { } peer ? Multiaddress.ForPeer(peer) : Multiaddress.Empty;
        Assert.Equal(address, address.WithoutPeer().Encapsulate(end));
    }

    private static void CheckRecord(PeerRecord record)
    {
        Assert.InRange(record.Addresses.Count + record.SkippedAddresses, 0, PeerRecord.MaxAddresses);
        PeerRecord again = PeerRecord.Parse(record.ToBytes());
        Assert.Equal((record.Peer, record.Sequence, 0), (again.Peer, again.Sequence, again.SkippedAddresses));
        Assert.Equal(record.Addresses, again.Addresses);
    }

    private static void CheckPeer(PeerId peer, byte[] bytes)
    {
        Assert.Equal(bytes, peer.Bytes.ToArray());
        Assert.Equal(peer, PeerId.Parse(peer.ToString()));
        Assert.Equal(peer, PeerId.Parse(peer.ToCid().ToString()));
        peer.TryGetPublicKey(out _);
    }

    private static void TestText(string[] seeds, Func<string, (bool Read, Action Check, Action Throwing)> parse)
    {
        Random random = new(7);
        Array.ForEach(seeds, seed => parse(seed + "/")); // tables are made at first use
        Test(() => TextMutations.Mutate(seeds[random.Next(seeds.Length)], random), text => parse(text.Length == 0 ? "/" : text));
    }

    private static void TestBytes(byte[][] seeds, Func<byte[], (bool Read, Action Check, Action Throwing)> parse)
    {
        Random random = new(8);
        Array.ForEach(seeds, seed => parse(seed)); // tables are made at first use
        Test(() => TextMutations.Mutate(seeds[random.Next(seeds.Length)], random), parse);
    }

    private static void Test<T>(Func<T> next, Func<T, (bool Read, Action Check, Action Throwing)> parse)
    {
        int accepted = 0;

        for (int i = 0; i < Mutations; i++)
        {
            T input = next();
            long before = GC.GetAllocatedBytesForCurrentThread();
            (bool read, Action check, Action throwing) = parse(input);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocation);

            if (read)
            {
                accepted++;
                check();
                throwing();
            }
            else
            {
                Assert.Throws<MultiformatException>(throwing);
            }
        }

        // Seeds and damages are such that both sides are well visited.
        Assert.InRange(accepted, Mutations / 200, Mutations - (Mutations / 200));
    }

    private static IEnumerable<string> InvalidTexts() =>
        VectorFile.Load("multiaddr/multiaddr.json").GetProperty("invalid_text").EnumerateObject()
            .SelectMany(static source => source.Value.EnumerateArray())
            .Select(static (JsonElement row) => row.GetString()!);
}
