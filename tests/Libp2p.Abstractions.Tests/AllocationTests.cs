using System.Buffers;
using Libp2p.Multiformats;

namespace Libp2p.Tests;

/// <summary>What is done for every connection, message or routing entry allocates nothing.</summary>
public class AllocationTests
{
    private const string Text = "/ip4/1.2.3.4/udp/4001/quic-v1/webtransport/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private readonly Multiaddress _address = Multiaddress.Parse(Text);
    private readonly Multiaddress _same = Multiaddress.Parse(Text);
    private readonly PeerId _peer = PeerId.Parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    private readonly PeerId _samePeer = PeerId.Parse("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
    private readonly byte[] _hostile = Convert.FromHexString("040102030491020fa1a50326");

    [Fact]
    public void Comparing_and_hashing_addresses() => AssertFree(() =>
    {
        Assert.True(_address.Equals(_same) && _address == _same);
        _ = _address.GetHashCode();
    });

    [Fact]
    public void Comparing_and_hashing_peers() => AssertFree(() =>
    {
        Assert.True(_peer.Equals(_samePeer) && _peer == _samePeer && _peer.CompareTo(_samePeer) == 0);
        _ = _peer.GetHashCode();
    });

    [Fact]
    public void Finding_components() => AssertFree(() =>
    {
        Assert.True(_address.TryGetValue(MultiaddressCode.Udp, out MultiaddressComponent udp) && udp.TryGetPort(out _));
        Assert.False(_address.TryGetValue(MultiaddressProtocol.Tcp, out _));

        foreach (MultiaddressComponent component in _address)
        {
            Assert.True(component.Value.Length <= 38 && component.Code > 0);
        }
    });

    [Fact]
    public void Matching_patterns() => AssertFree(() =>
    {
        Assert.True(MultiaddressPattern.WebTransport.Matches(_address));
        Assert.False(MultiaddressPattern.SecureWebSocket.Matches(_address));
        Assert.False(MultiaddressPattern.Circuit.Matches(_address));
    });

    [Fact]
    public void Judging_the_reach() => AssertFree(() => Assert.True(_address.IsPublic && !_address.IsPrivate && !_address.IsNat64));

    [Fact]
    public void Asking_again_for_text_and_peer() => AssertFree(() =>
        Assert.True(_address.ToString().Length > 0 && _address.Peer is not null));

    [Fact]
    public void Refusing_hostile_bytes() => AssertFree(() =>
    {
        Assert.False(Multiaddress.TryFromBytes(_hostile, out _));
        Assert.False(PeerId.TryFromBytes(_hostile, out _));
        Assert.False(PublicKey.TryFromProtobuf(_hostile, out _));
        Assert.False(Multihash.TryFromBytes(_hostile, out _));
    });

    [Fact]
    public void Reading_and_writing_varints()
    {
        byte[] buffer = new byte[Varint.MaxLength];
        ReadOnlySequence<byte> split = Sequences.Split([0xAC, 0x02, 0x01], 1);

        AssertFree(() =>
        {
            Varint.Write(buffer, 300);
            Assert.True(Varint.Read(buffer, out ulong _, out int _) == OperationStatus.Done);
            SequenceReader<byte> reader = new(split);
            Assert.True(Varint.TryRead(ref reader, out ulong value) && value == 300);
        });
    }

    [Fact]
    public void Reading_a_multibase_text_into_a_buffer()
    {
        byte[] buffer = new byte[64];
        AssertFree(() => Assert.True(Multibase.TryDecode("z7paNL19xttacUY", out _, buffer, out _, out _)));
    }

    private static void AssertFree(Action action)
    {
        action(); // statics, caches
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            action();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
