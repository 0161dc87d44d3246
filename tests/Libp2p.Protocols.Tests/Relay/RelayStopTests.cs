using Google.Protobuf;
using Libp2p.Protocols.Relay;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.Relay;

/// <summary>The declaration against a remote whose bytes are js-libp2p's.</summary>
public sealed class RelayStopTests
{
    private static readonly byte[] s_connect = Frame(Vector("circuit_relay_v2.json", "stop CONNECT from peer"));
    private static readonly byte[] s_ok = Frame(Vector("circuit_relay_v2.json", "stop STATUS OK")); // 04 0801 2064
    private static readonly byte[] s_source = Hex("0025080212 21 037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
    private static readonly byte[] s_upgrade = [.. "\u0013/multistream/1.0.0\n"u8];

    public static TheoryData<int> CircuitSplits => SplitsOf([.. s_connect, .. s_upgrade]);

    public static TheoryData<int> StatusSplits => SplitsOf([.. s_ok, .. s_upgrade]);

    [Theory]
    [MemberData(nameof(CircuitSplits))]
    public async Task A_destination_says_OK_and_takes_the_circuit(int split)
    {
        Destination destination = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayStop.Protocol, destination);
        await using P2PStream circuit = await opener.DialAsync(IRelayStop.Protocol);

        await circuit.SendSplitAsync([.. s_connect, .. s_upgrade], split);
        await circuit.CloseWriteAsync();

        Assert.Equal(s_ok, await circuit.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal(s_source, destination.Source!.Peer.Id.ToByteArray());
        Assert.Equal((120u, 131_072ul), (destination.Source.Limit.Duration, destination.Source.Limit.Data));
        Assert.Equal(s_upgrade, await destination.Circuit);
    }

    [Theory]
    [MemberData(nameof(StatusSplits))]
    public async Task A_relay_offers_a_circuit_and_passes_on_what_follows_the_status(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/circuit/relay/0.2.0/stop", stream.Protocol.Value);
            Assert.Equal(s_connect, await stream.ReceiveAsync(s_connect.Length));
            Assert.False(stream.Input.TryRead(out _));
            await stream.SendSplitAsync([.. s_ok, .. s_upgrade], split);
        });
        await using Dialogue<StopMessage, StopMessage> answer = await IRelayStop.Protocol.CreateClient(opener).OpenConnectAsync(new StopMessage
        {
            Peer = new Peer { Id = ByteString.CopyFrom(s_source) },
            Limit = new Limit { Duration = 120, Data = 131_072 },
        });

        Assert.Equal(Status.Ok, (await answer.ReceiveAsync()).Status);
        await using P2PStream circuit = answer.Detach();

        Assert.Equal(s_upgrade, await circuit.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_absent_type_is_CONNECT_and_an_absent_limit_is_none()
    {
        Destination destination = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayStop.Protocol, destination);
        await using P2PStream circuit = await opener.DialAsync(IRelayStop.Protocol);

        await circuit.SendAsync(Hex("05 1203 0a0107"));
        await circuit.CloseWriteAsync();

        Assert.Equal(s_ok, await circuit.ReceiveAllAsync());
        Assert.Equal([7], destination.Source!.Peer.Id.ToByteArray());
        Assert.Null(destination.Source.Limit);
        Assert.Empty(await destination.Circuit);
    }

    [Theory]
    [InlineData("02 0801")] // STATUS
    [InlineData("02 0802")] // nothing's
    public async Task Another_type_than_CONNECT_resets_the_stream(string bytes)
    {
        Destination destination = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRelayStop.Protocol, destination);
        await using P2PStream stream = await opener.DialAsync(IRelayStop.Protocol);

        await stream.SendAsync(Hex(bytes));

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Null(destination.Source);
    }

    [Theory]
    [InlineData("02 0800")] // CONNECT
    [InlineData("02 2064")] // no type, which is CONNECT
    [InlineData("")]
    public async Task Another_reply_than_STATUS_is_a_violation(string reply)
    {
        await using InMemoryOpener opener = new(async stream => await stream.SendAsync(Hex(reply)));
        await using Dialogue<StopMessage, StopMessage> answer = await IRelayStop.Protocol.CreateClient(opener).OpenConnectAsync(new StopMessage());

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await answer.ReceiveAsync());
    }

    /// <summary>Takes every circuit, and reads it to its end.</summary>
    private sealed class Destination : IRelayStop
    {
        public StopMessage? Source { get; private set; }

        public Task<byte[]> Circuit { get; private set; } = Task.FromResult<byte[]>([]);

        public async ValueTask ConnectAsync(StopMessage request, Dialogue<StopMessage, StopMessage> answer, CallContext context = default)
        {
            Source = request;
            await answer.SendAsync(new StopMessage { Status = Status.Ok });
            Circuit = ReadAsync(answer.Detach());
        }

        private static async Task<byte[]> ReadAsync(P2PStream circuit)
        {
            await using (circuit)
            {
                return await circuit.ReceiveAllAsync();
            }
        }
    }
}
