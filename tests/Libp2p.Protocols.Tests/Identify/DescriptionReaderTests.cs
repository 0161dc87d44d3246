using Google.Protobuf;
using Libp2p.Crypto;
using Libp2p.Protocols.Identify;
using Libp2p.Scheduling;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>What is believed of what a peer says.</summary>
public sealed class DescriptionReaderTests
{
    private static readonly CryptoEngine s_crypto = CryptoEngine.Default;
    private static readonly SignatureVerifier s_verifier = new(s_crypto);
    private static readonly PrivateKey s_key = PrivateKey.GenerateEd25519(CryptoRandomSource.Instance, s_crypto);
    private static readonly PrivateKey s_other = PrivateKey.GenerateEd25519(CryptoRandomSource.Instance, s_crypto);
    private static readonly Multiaddress s_told = Multiaddress.Parse("/ip4/198.50.100.1/tcp/1");
    private static readonly Multiaddress s_certified = Multiaddress.Parse("/ip4/198.50.100.2/tcp/2");

    private static PeerId Peer => s_key.PublicKey.PeerId;

    [Fact]
    public async Task Somebody_elses_key_refuses_the_whole()
    {
        IdentifyMessage message = new() { PublicKey = Bytes(s_other.PublicKey.ToProtobuf().Span) };

        ProtocolViolationException failure = await Assert.ThrowsAsync<ProtocolViolationException>(async () => await ReadAsync(message));

        Assert.Contains(s_other.PublicKey.PeerId.ToString(), failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await ReadAsync(new() { PublicKey = Bytes([1, 2, 3]) }));
    }

    [Fact]
    public async Task An_address_that_cannot_be_read_costs_only_itself()
    {
        IdentifyMessage message = new()
        {
            PublicKey = Bytes(s_key.PublicKey.ToProtobuf().Span),
            ListenAddrs =
            {
                Bytes([0xff, 0xff, 0x7f, 0x00]),
                Bytes(s_told.Bytes),
                Bytes(s_told.WithPeer(Peer).Bytes), // the same
                Bytes(s_certified.WithPeer(s_other.PublicKey.PeerId).Bytes), // somebody else's
                Bytes([]),
            },
        };

        Assert.Equal([s_told], (await ReadAsync(message)).Addresses);
    }

    [Theory]
    [InlineData(PeerRecord.Domain)]
    [InlineData(PeerRecord.LegacyDomain)]
    public async Task A_signed_record_replaces_what_is_not_signed(string domain)
    {
        PeerRecord record = new(Peer, 1, [s_certified]);
        KeyPairSigner signer = new(s_key);
        SignedEnvelope envelope = domain == PeerRecord.Domain
            ? await record.SealAsync(signer)
            : await SignedEnvelope.SealAsync(signer, domain, PeerRecord.LegacyPayloadType, record.ToBytes());

        PeerDescription description = await ReadAsync(WithRecord(envelope.ToBytes()));

        Assert.Equal([s_certified], description.Addresses);
        Assert.Equal(envelope, description.Record);
        Assert.Equal(1ul, description.RecordSequence);
        Assert.Null(description.RecordFault);
    }

    [Fact]
    public async Task A_bad_record_is_ignored_and_named_and_the_rest_counts()
    {
        byte[] good = (await new PeerRecord(Peer, 1, [s_certified]).SealAsync(new KeyPairSigner(s_key))).ToBytes();
        byte[] forged = [.. good];
        forged[^1] ^= 1;
        byte[] foreign = (await new PeerRecord(s_other.PublicKey.PeerId, 1, [s_certified]).SealAsync(new KeyPairSigner(s_other))).ToBytes();
        foreach (byte[] record in new[] { forged, foreign, [], [1, 2, 3], good[..^10] })
        {
            PeerDescription description = await ReadAsync(WithRecord(record));

            Assert.Equal([s_told], description.Addresses);
            Assert.Null(description.Record);
            Assert.NotNull(description.RecordFault);
        }
    }

    [Theory]
    [InlineData(Vicinity.World, false)]
    [InlineData(Vicinity.Network, false)]
    [InlineData(Vicinity.Machine, false)]
    [InlineData(Vicinity.World, true)]
    [InlineData(Vicinity.Network, true)]
    [InlineData(Vicinity.Machine, true)]
    public async Task Addresses_that_mean_something_else_to_us_are_not_believed_signed_or_not(object vicinity, bool isSigned)
    {
        Multiaddress[] told = [.. Told.Concat(["/ip4/0.0.0.0/tcp/6379", "/ip6/::/tcp/6379"]).Select(Multiaddress.Parse)];
        IdentifyMessage message = new();
        if (isSigned)
        {
            message.SignedPeerRecord = Bytes((await new PeerRecord(Peer, 1, told).SealAsync(new KeyPairSigner(s_key))).ToBytes());
        }
        else
        {
            message.ListenAddrs.AddRange(told.Select(address => Bytes(address.Bytes)));
        }

        PeerDescription description = await ReadAsync(message, (Vicinity)vicinity);

        int known = (Vicinity)vicinity switch { Vicinity.World => 3, Vicinity.Network => 8, _ => Told.Length };
        Assert.Equal(Told[..known], description.Addresses.Select(address => address.ToString()));
        Assert.Equal(isSigned, description.Record is not null);
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/1", Vicinity.Machine)]
    [InlineData("/ip6/::1/tcp/1", Vicinity.Machine)]
    [InlineData("/memory/1", Vicinity.Machine)]
    [InlineData("/ip4/192.168.0.1/tcp/1", Vicinity.Network)]
    [InlineData("/ip6zone/eth0/ip6/fe80::1/tcp/1", Vicinity.Network)]
    [InlineData("/ip4/198.50.100.1/tcp/1", Vicinity.World)]
    [InlineData("/ip4/127.0.0.1/tcp/1/p2p/12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN/p2p-circuit", Vicinity.World)]
    [InlineData("/p2p-circuit", Vicinity.World)]
    public void How_near_a_peer_is_is_told_by_its_end_of_the_connection(string remote, object expected) =>
        Assert.Equal(expected, Vicinities.OfRemote(Multiaddress.Parse(remote)));

    // In the order of the reach that they need: three are public, five more nearby, the rest on the same machine.
    private static string[] Told { get; } =
    [
        "/ip4/198.50.100.1/tcp/1", "/dns4/example.org/tcp/1", "/ip6/2a00::1/tcp/1",
        "/ip4/192.168.0.1/tcp/6379", "/ip4/169.254.169.254/tcp/80", "/ip6/fc00::1/tcp/1", "/ip6/fe80::1/tcp/1", "/dns4/printer.local/tcp/1",
        "/ip4/127.0.0.1/tcp/6379", "/ip6/::1/tcp/6379", "/ip6/::ffff:127.0.0.1/tcp/6379", "/dns4/localhost/tcp/6379", "/memory/1",
    ];

    [Fact]
    public async Task The_observed_address_loses_our_own_id()
    {
        Assert.Equal(s_told, await ObservedAsync(s_told.Memory));
        Assert.Equal(s_told, await ObservedAsync(s_told.WithPeer(s_other.PublicKey.PeerId).Memory)); // js
        Assert.Null(await ObservedAsync(Multiaddress.ForPeer(s_other.PublicKey.PeerId).Memory)); // rust, through a relay
        Assert.Null(await ObservedAsync(new byte[] { 9, 9 }));
        Assert.Null(await ObservedAsync(default)); // py, over IPv6

        static async Task<Multiaddress?> ObservedAsync(ReadOnlyMemory<byte> bytes)
        {
            IdentifyMessage message = new() { ObservedAddr = ByteString.CopyFrom(bytes.Span) };
            return (await ReadAsync(message)).ObservedAddress;
        }
    }

    [Fact]
    public async Task Text_is_cut_and_cleaned()
    {
        PeerDescription description = await ReadAsync(new()
        {
            AgentVersion = "evil\u001b[31m\r\nagent\u202e😀" + new string('x', 1000),
            ProtocolVersion = "ipfs/0.1.0",
        });

        Assert.StartsWith("evil\ufffd[31m\ufffd\ufffdagent\ufffd😀xxx", description.AgentVersion, StringComparison.Ordinal);
        Assert.Equal(128, description.AgentVersion.EnumerateRunes().Count());
        Assert.Equal("ipfs/0.1.0", description.ProtocolVersion);
    }

    [Fact]
    public async Task Ids_that_cannot_be_negotiated_are_left_out_and_lists_are_bounded()
    {
        IdentifyMessage message = new() { Protocols = { "/a", "", "/a", "/b\n", new string('/', 1024), "/c" } };
        Assert.Equal(["/a", "/c"], (await ReadAsync(message)).Protocols.Select(id => id.Value));

        IdentifyMessage many = new();
        many.Protocols.AddRange(Enumerable.Range(0, 2000).Select(i => $"/{i}"));
        many.ListenAddrs.AddRange(Enumerable.Range(0, 2000).Select(i => Bytes(Multiaddress.Parse($"/ip4/198.50.100.1/tcp/{i}").Bytes)));
        PeerDescription description = await ReadAsync(many);
        Assert.Equal((DescriptionReader.MaxProtocols, DescriptionReader.MaxAddresses), (description.Protocols.Count, description.Addresses.Count));
    }

    [Fact]
    public async Task Text_that_is_not_utf_8_costs_itself()
    {
        byte[] wire = [0x1a, 2, .. "/a"u8, 0x1a, 3, .. "/b"u8, 0xff, 0x1a, 2, .. "/c"u8, 0x32, 2, 0xc3, 0x28, 0x2a, 1, (byte)'1'];
        IdentifyMessage message = Libp2p.Codecs.Codec.Protobuf(IdentifyMessage.Parser).Read(new System.Buffers.ReadOnlySequence<byte>(wire), 100);

        PeerDescription description = await ReadAsync(message);

        Assert.Equal(["/a", "/c"], description.Protocols.Select(id => id.Value));
        Assert.Equal(("", "1"), (description.AgentVersion, description.ProtocolVersion));
        Assert.Equal(["/a", "/c"], (await ReadAsync(IdentifyMessage.Parser.ParseFrom(wire))).Protocols.Select(id => id.Value)); // past the codec
    }

    [Fact]
    public async Task What_peers_of_one_program_say_alike_is_kept_once()
    {
        DescriptionReader reader = new(s_verifier);
        IdentifyMessage message = new() { AgentVersion = "a/1", ProtocolVersion = "n/1", Protocols = { "/a", "/b" } };
        PeerDescription first = await reader.ReadAsync(message, s_key.PublicKey, Vicinity.World, default);
        PeerDescription second = await reader.ReadAsync(message.Clone(), s_key.PublicKey, Vicinity.World, default);
        Assert.Same(first.Protocols, second.Protocols);

        message.Protocols.RemoveAt(1);
        PeerDescription third = await reader.ReadAsync(message, s_key.PublicKey, Vicinity.World, default);
        Assert.Equal(["/a"], third.Protocols.Select(id => id.Value));
    }

    [Fact]
    public async Task A_record_is_checked_once_and_counts_for_its_peer_alone()
    {
        CountingVerifier verifier = new(s_verifier);
        DescriptionReader reader = new(verifier);
        byte[] envelope = (await new PeerRecord(Peer, 1, [s_told]).SealAsync(new KeyPairSigner(s_key))).ToBytes();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(1UL, (await reader.ReadAsync(WithRecord(envelope), s_key.PublicKey, Vicinity.World, default)).RecordSequence);
        }

        Assert.Equal(1, verifier.Count);
        PublicKey other = s_other.PublicKey;
        PeerDescription foreign = await reader.ReadAsync(WithRecord(envelope), other, Vicinity.World, default);
        Assert.Equal((null, "the record is signed by another peer"), (foreign.Record, foreign.RecordFault));
        envelope[^1] ^= 1;
        Assert.Null((await reader.ReadAsync(WithRecord(envelope), s_key.PublicKey, Vicinity.World, default)).Record);
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        RecentDescriptions recent = new();
        PeerProgram first = recent.Program("n/1", "a/0", []);
        for (int i = 1; i < RecentDescriptions.MaxPrograms; i++)
        {
            recent.Program("n/1", $"a/{i}", []);
        }

        Assert.Same(first, recent.Program("n/1", "a/0", []));
        recent.Program("n/1", "one more", []);
        Assert.NotSame(first, recent.Program("n/1", "a/0", []));
    }

    private sealed class CountingVerifier(ISignatureVerifier inner) : ISignatureVerifier
    {
        public int Count { get; private set; }

        public ValueTask<bool> VerifyAsync(
            PublicKey key, ReadOnlyMemory<byte> message, ReadOnlyMemory<byte> signature, CancellationToken cancellationToken)
        {
            Count++;
            return inner.VerifyAsync(key, message, signature, cancellationToken);
        }
    }

    private static ByteString Bytes(ReadOnlySpan<byte> bytes) => ByteString.CopyFrom(bytes);

    private static IdentifyMessage WithRecord(byte[] envelope) =>
        new() { ListenAddrs = { Bytes(s_told.Bytes) }, SignedPeerRecord = ByteString.CopyFrom(envelope) };

    private static ValueTask<PeerDescription> ReadAsync(IdentifyMessage message, Vicinity vicinity = Vicinity.World) =>
        new DescriptionReader(s_verifier).ReadAsync(message, s_key.PublicKey, vicinity, default);
}
