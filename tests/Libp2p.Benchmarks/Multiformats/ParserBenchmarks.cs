using BenchmarkDotNet.Attributes;
using Libp2p.Multiformats;

namespace Libp2p.Benchmarks.Multiformats;

/// <summary>What names cost: addresses and ids, from text and from bytes, and comparing them.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private const string Small = "/ip4/203.0.113.7/udp/4001/quic-v1";
    private const string Relayed =
        "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq/p2p-circuit/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv";

    private const string Id = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private static readonly Multiaddress s_small = Multiaddress.Parse(Small);
    private static readonly Multiaddress s_relayed = Multiaddress.Parse(Relayed);
    private static readonly Multiaddress s_again = Multiaddress.Parse(Relayed);
    private static readonly PeerId s_id = PeerId.Parse(Id);
    private static readonly byte[] s_varint = [0xff, 0xff, 0xff, 0x7f];

    [Benchmark]
    public Multiaddress AddressFromText() => Multiaddress.Parse(Small);

    [Benchmark]
    public Multiaddress RelayedAddressFromText() => Multiaddress.Parse(Relayed);

    [Benchmark]
    public Multiaddress AddressFromBytes() => Multiaddress.FromBytes(s_small.Bytes);

    [Benchmark]
    public Multiaddress RelayedAddressFromBytes() => Multiaddress.FromBytes(s_relayed.Bytes);

    [Benchmark]
    public bool CompareAddresses() => s_relayed.Equals(s_again);

    [Benchmark]
    public bool MatchPattern() => MultiaddressPattern.Tcp.Matches(s_relayed);

    [Benchmark]
    public PeerId IdFromText() => PeerId.Parse(Id);

    [Benchmark]
    public PeerId IdFromBytes() => PeerId.FromBytes(s_id.Bytes);

    [Benchmark]
    public ulong VarintFromBytes() => Varint.Read(s_varint, out _);
}
