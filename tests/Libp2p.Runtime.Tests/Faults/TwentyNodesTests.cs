using Libp2p.Crypto;
using Libp2p.Limits;
using Libp2p.Scheduling;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Scheduling;
using Libp2p.TestKit.Telemetry;
using Libp2p.Tests.Host;

namespace Libp2p.Tests.Faults;

/// <summary>Nodes in one process share nothing: each has its own key, limits, logger, meter and clock, and its own end.</summary>
public sealed class TwentyNodesTests
{
    private const int Count = 20;

    [Fact]
    public async Task Twenty_nodes_that_talk_with_each_other_do_not_touch_each_other()
    {
        Member[] members = await Task.WhenAll(Enumerable.Range(0, Count).Select(Member.StartAsync));
        LedgerBalance[] idle = [.. members.Select(member => member.Ledger.Read())];

        await TalkAsync(members);
        foreach (Member member in members)
        {
            await Eventually.HoldsAsync(() => member.Opened == Count - 1 && member.Log.Events.Count(told => told.Id == 1000) == Count - 1);
            Assert.Equal(Count - 1, member.Node.Connections.Select(connection => connection.RemotePeer).Distinct().Count());
            Assert.Equal(100 + member.Number, member.Node.GetState().Limits.Connections);
            Assert.All(member.Log.Events.Where(told => told.Id == 1000), told => Assert.DoesNotContain($"with {member.Node.PeerId}", told.Text, StringComparison.Ordinal));
        }

        Member[] leaving = members[..(Count / 2)];
        Member[] staying = members[(Count / 2)..];
        await Task.WhenAll(leaving.Select(member => member.Node.DisposeAsync().AsTask()));
        Assert.All(leaving, member => Assert.Equal((0, default), (member.Time.Timers, member.Node.GetState().Usage)));
        foreach (Member member in staying)
        {
            await Eventually.HoldsAsync(() => member.Node.Connections.Count == staying.Length - 1);
        }

        await TalkAsync(staying);
        Assert.All(staying, member => Assert.Equal(Count - 1, member.Opened)); // the connections it had

        await Task.WhenAll(staying.SelectMany(member => member.Node.Connections).Select(connection => connection.CloseAsync().AsTask()));
        foreach (Member member in staying)
        {
            await member.Ledger.ReturnsToAsync(idle[member.Number]);
            await member.Node.DisposeAsync();
        }

        Array.ForEach(members, member => member.Dispose());
    }

    private static Task TalkAsync(Member[] members) => Task.WhenAll(
        from caller in members
        from called in members
        where caller.Number < called.Number
        select TalkAsync(caller, called));

    /// <summary>Both ask each other over one connection, and each answers for itself.</summary>
    private static async Task TalkAsync(Member first, Member second)
    {
        await first.Node.ConnectAsync(second.Node.Addresses[0]);
        await Eventually.HoldsAsync(() => second.Node.Connections.Any(connection => connection.RemotePeer == first.Node.PeerId));
        Assert.Equal($"{second.Number} to {first.Node.PeerId}", await first.Node.Client(ISay.Protocol, second.Node.PeerId).SayAsync("who?"));
        Assert.Equal($"{first.Number} to {second.Node.PeerId}", await second.Node.Client(ISay.Protocol, first.Node.PeerId).SayAsync("who?"));
    }

    private sealed class Member : ISay, IDisposable
    {
        private static readonly KeyType[] s_types = [KeyType.Ed25519, KeyType.Secp256k1, KeyType.Ecdsa];

        private readonly MeterProbe _meters = new();

        private Member(int number) => Number = number;

        public int Number { get; }

        public Libp2pNode Node { get; private set; } = null!;

        public LogProbe Log { get; } = new();

        public CountingTime Time { get; } = new();

        public Ledger Ledger => new(Node) { Time = Time };

        /// <summary>Connections that its own meter counted.</summary>
        public int Opened => (int)_meters.Sum("libp2p.connection.opened");

        public static async Task<Member> StartAsync(int number)
        {
            Member member = new(number);
            member.Node = await Libp2pNode.StartAsync(node => node
                .Identity(PrivateKey.Generate(s_types[number % s_types.Length], CryptoRandomSource.Instance, CryptoEngine.Default))
                .Options(new NodeOptions { Limits = new ResourceLimits { Connections = 100 + number } })
                .Time(member.Time).Logging(member.Log).Metrics(member._meters)
                .Listen("/ip4/127.0.0.1/tcp/0").Handle(ISay.Protocol, member));
            return member;
        }

        public ValueTask<string> SayAsync(string question, CallContext context = default) => ValueTask.FromResult($"{Number} to {context.RemotePeer}");

        public void Dispose()
        {
            _meters.Dispose();
            Log.Dispose();
        }
    }
}
