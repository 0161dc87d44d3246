using BenchmarkDotNet.Attributes;
using Libp2p.Multiformats;

namespace Libp2p.Benchmarks.Multiformats;

/// <summary>What names cost: addresses and ids, from text and from bytes, and comparing them.</summary>
[MemoryDiagnoser]
public class ParserBenchmarks
{
    private readonly string _smallText = "/ip4/203.0.113.7/udp/4001/quic-v1";
    private readonly string _relayedText =
        "/ip4/203.0.113.7/tcp/4001/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq/p2p-circuit/p2p/12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv";

    private readonly string _idText = "12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq";

    private readonly byte[] _varint = [0xff, 0xff, 0xff, 0x7f];
    private readonly Multiaddress _small;
    private readonly Multiaddress _relayed;
    private readonly Multiaddress _again;
    private readonly PeerId _id;

    public ParserBenchmarks()
    {
        _small = Multiaddress.Parse(_smallText);
        _relayed = Multiaddress.Parse(_relayedText);
        _again = Multiaddress.Parse(_relayedText);
        _id = PeerId.Parse(_idText);
    }

    [Benchmark]
    public Multiaddress AddressFromText() => Multiaddress.Parse(_smallText);

    [Benchmark]
    public Multiaddress RelayedAddressFromText() => Multiaddress.Parse(_relayedText);

    [Benchmark]
    public Multiaddress AddressFromBytes() => Multiaddress.FromBytes(_small.Bytes);

    [Benchmark]
    public Multiaddress RelayedAddressFromBytes() => Multiaddress.FromBytes(_relayed.Bytes);

    [Benchmark]
    public bool CompareAddresses() => _relayed.Equals(_again);

    [Benchmark]
    public bool MatchPattern() => MultiaddressPattern.Tcp.Matches(_relayed);

    [Benchmark]
    public PeerId IdFromText() => PeerId.Parse(_idText);

    [Benchmark]
    public PeerId IdFromBytes() => PeerId.FromBytes(_id.Bytes);

    [Benchmark]
    public ulong VarintFromBytes() => Varint.Read(_varint, out _);
}
