using Google.Protobuf;
using Libp2p.Protocols.Dcutr;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.Dcutr;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class DcutrTests
{
    private static readonly byte[] s_ours = Hex("04 01020304 06 0fa1"); // /ip4/1.2.3.4/tcp/4001
    private static readonly byte[] s_theirs = Hex("04 05060708 06 0fa2"); // /ip4/5.6.7.8/tcp/4002

    // HolePunch { type: CONNECT, obs_addrs }, and { type: SYNC }.
    private static readonly byte[] s_connect = Hex("0c 0864 1208 0401020304060fa1");
    private static readonly byte[] s_answer = Hex("0c 0864 1208 0405060708060fa2");
    private static readonly byte[] s_sync = Hex("03 08ac02");

    public static TheoryData<int> ConnectSplits => SplitsOf(s_connect);

    public static TheoryData<int> SyncSplits => SplitsOf([.. s_connect, .. s_sync]);

    [Theory]
    [MemberData(nameof(SyncSplits))]
    public async Task A_responder_answers_CONNECT_with_CONNECT_and_waits_for_SYNC(int split)
    {
        Puncher puncher = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IDcutr.Protocol, puncher);
        await using P2PStream stream = await opener.DialAsync(IDcutr.Protocol);

        await stream.SendSplitAsync([.. s_connect, .. s_sync], split);
        await stream.CloseWriteAsync();

        Assert.Equal(s_answer, await stream.ReceiveAllAsync());
        Assert.Equal([HolePunch.Types.Type.Connect, HolePunch.Types.Type.Sync], puncher.Received);
        Assert.Equal(s_ours, Assert.Single(puncher.Addresses));
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [MemberData(nameof(ConnectSplits))]
    public async Task An_initiator_sends_SYNC_after_the_others_CONNECT(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/dcutr", stream.Protocol.Value);
            Assert.Equal(s_connect, await stream.ReceiveAsync(s_connect.Length));
            Assert.False(stream.Input.TryRead(out _)); // neither SYNC nor the end
            await stream.SendSplitAsync(s_answer, split);
            Assert.Equal(s_sync, await stream.ReceiveAllAsync());
        });
        await using (Dialogue<HolePunch, HolePunch> dialogue = await IDcutr.Protocol.CreateClient(opener).OpenCoordinateAsync())
        {
            await dialogue.SendAsync(new HolePunch { Type = HolePunch.Types.Type.Connect, ObsAddrs = { ByteString.CopyFrom(s_ours) } });
            HolePunch answer = await dialogue.ReceiveAsync();
            Assert.Equal(HolePunch.Types.Type.Connect, answer.Type);
            Assert.Equal(s_theirs, Assert.Single(answer.ObsAddrs).ToByteArray());
            await dialogue.SendAsync(new HolePunch { Type = HolePunch.Types.Type.Sync });
            await dialogue.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_message_without_a_type_is_not_sent()
    {
        await using InMemoryOpener opener = new(async stream => Assert.Equal(s_sync, await stream.ReceiveAllAsync()));
        await using (Dialogue<HolePunch, HolePunch> dialogue = await IDcutr.Protocol.CreateClient(opener).OpenCoordinateAsync())
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await dialogue.SendAsync(new HolePunch { ObsAddrs = { ByteString.CopyFrom(s_ours) } }));
            await dialogue.SendAsync(new HolePunch { Type = HolePunch.Types.Type.Sync });
            await dialogue.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData("00", false, HolePunch.Types.Type.Unused)] // absent is 0
    [InlineData("02 0801", true, (HolePunch.Types.Type)1)] // nobody's: the order is the services' affair, and so is this
    [InlineData("03 08ac02", true, HolePunch.Types.Type.Sync)] // SYNC first
    public async Task The_type_is_shown_as_it_came(string frame, bool hasType, HolePunch.Types.Type type)
    {
        await using InMemoryOpener opener = new(async stream => await stream.SendAsync(Hex(frame)));
        await using Dialogue<HolePunch, HolePunch> dialogue = await IDcutr.Protocol.CreateClient(opener).OpenCoordinateAsync();

        HolePunch message = await dialogue.ReceiveAsync();

        Assert.Equal((hasType, type), (message.HasType, message.Type));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0c 0864 1208 04010203")] // cut
    [InlineData("81 20")] // 4,097 bytes
    public async Task What_is_no_message_is_a_violation(string bytes)
    {
        await using InMemoryOpener opener = new(async stream => await stream.SendAsync(Hex(bytes)));
        await using Dialogue<HolePunch, HolePunch> dialogue = await IDcutr.Protocol.CreateClient(opener).OpenCoordinateAsync();

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await dialogue.ReceiveAsync());
    }

    [Fact]
    public void It_runs_on_relayed_connections_that_its_initiator_accepted() => Assert.Equal(
        new ConnectionRequirement(LimitedConnections.Refuse, ConnectionOpener.Listener, RelayedConnections.Require),
        IDcutr.Protocol.Settings("Coordinate").Request.Connection);

    private sealed class Puncher : IDcutr
    {
        public List<HolePunch.Types.Type> Received { get; } = [];

        public List<byte[]> Addresses { get; } = [];

        public async ValueTask CoordinateAsync(Dialogue<HolePunch, HolePunch> dialogue, CallContext context = default)
        {
            await ReceiveAsync();
            await dialogue.SendAsync(new HolePunch { Type = HolePunch.Types.Type.Connect, ObsAddrs = { ByteString.CopyFrom(s_theirs) } });
            await ReceiveAsync();

            async Task ReceiveAsync()
            {
                HolePunch message = await dialogue.ReceiveAsync(context.CancellationToken);
                Received.Add(message.Type);
                Addresses.AddRange(message.ObsAddrs.Select(address => address.ToByteArray()));
            }
        }
    }
}
