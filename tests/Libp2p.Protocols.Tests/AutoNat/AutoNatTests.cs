using Google.Protobuf;
using Libp2p.Protocols.AutoNat;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.AutoNat;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class AutoNatTests
{
    private static readonly byte[] s_address = Hex("04 01020304 06 0fa1"); // /ip4/1.2.3.4/tcp/4001

    // AutoNatMessage { type: DIAL, dial: { peer: { id: 00 01 02, addrs: s_address } } }: DIAL is 0, and rust wants to see it.
    private static readonly byte[] s_dial = Hex("15 0800 1211 0a0f 0a03000102 1208 0401020304060fa1");

    // AutoNatMessage { type: DIAL_RESPONSE, dial_response: { status: OK, addr: s_address } }.
    private static readonly byte[] s_reached = Hex("10 0801 1a0c 0800 1a08 0401020304060fa1");

    // AutoNatMessage { type: DIAL_RESPONSE, dial_response: { status: E_DIAL_REFUSED, status_text: "no" } }.
    private static readonly byte[] s_refused = Hex("0a 0801 1a06 0865 12026e6f");

    public static TheoryData<int> DialSplits => SplitsOf(s_dial);

    public static TheoryData<int> ResponseSplits => SplitsOf(s_reached);

    [Theory]
    [MemberData(nameof(DialSplits))]
    public async Task A_responder_answers_and_ends(int split)
    {
        Server server = new(Reached());
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNat.Protocol, server);
        await using P2PStream stream = await opener.DialAsync(IAutoNat.Protocol);

        await stream.SendSplitAsync(s_dial, split);
        await stream.CloseWriteAsync();

        Assert.Equal(s_reached, await stream.ReceiveAllAsync());
        Assert.Equal([0, 1, 2], server.Asked!.Dial.Peer.Id.ToByteArray());
        Assert.Equal(s_address, Assert.Single(server.Asked.Dial.Peer.Addrs).ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [MemberData(nameof(ResponseSplits))]
    public async Task An_initiator_asks_ends_and_is_answered(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/autonat/1.0.0", stream.Protocol.Value);
            Assert.Equal(s_dial, await stream.ReceiveAllAsync());
            await stream.SendSplitAsync(s_reached, split);
        });

        AutoNatMessage answer = await IAutoNat.Protocol.CreateClient(opener).DialAsync(Dial());

        Assert.Equal(AutoNatMessage.Types.ResponseStatus.Ok, answer.DialResponse.Status);
        Assert.Equal(s_address, answer.DialResponse.Addr.ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_refusal_is_a_reply()
    {
        AutoNatMessage answer = await AskAsync(s_refused);
        Assert.Equal((AutoNatMessage.Types.ResponseStatus.EDialRefused, "no"), (answer.DialResponse.Status, answer.DialResponse.StatusText));

        Server server = new(new AutoNatMessage
        {
            DialResponse = new() { Status = AutoNatMessage.Types.ResponseStatus.EDialRefused, StatusText = "no" },
        });
        Assert.Equal(s_refused, await ServeAsync(server, s_dial));
    }

    [Fact]
    public async Task An_absent_type_is_DIAL()
    {
        Server server = new(Reached());

        Assert.Equal(s_reached, await ServeAsync(server, [0x13, .. s_dial[3..]]));
        Assert.Equal([0, 1, 2], server.Asked!.Dial.Peer.Id.ToByteArray());
    }

    [Theory]
    [InlineData(1)] // DIAL_RESPONSE
    [InlineData(2)] // nothing's
    public async Task Another_type_than_DIAL_resets_the_stream(byte type)
    {
        Server server = new(Reached());

        await Assert.ThrowsAsync<StreamResetException>(() => ServeAsync(server, [2, 8, type]));
        Assert.Null(server.Asked);
    }

    [Theory]
    [InlineData("02 0800")] // DIAL
    [InlineData("0e 1a0c 0800 1a08 0401020304060fa1")] // absent, which is DIAL
    [InlineData("02 0807")]
    [InlineData("")]
    public async Task Another_type_than_DIAL_RESPONSE_is_a_violation(string reply) =>
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(Hex(reply)));

    [Fact]
    public async Task More_than_go_reads_is_not_sent()
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());
        AutoNatMessage large = new() { Dial = new() { Peer = new() { Id = ByteString.CopyFrom(new byte[4096]) } } };

        await Assert.ThrowsAsync<LimitExceededException>(async () => await IAutoNat.Protocol.CreateClient(opener).DialAsync(large));
    }

    private static AutoNatMessage Dial() => new()
    {
        Dial = new() { Peer = new() { Id = ByteString.CopyFrom(0, 1, 2), Addrs = { ByteString.CopyFrom(s_address) } } },
    };

    private static AutoNatMessage Reached() => new()
    {
        DialResponse = new() { Status = AutoNatMessage.Types.ResponseStatus.Ok, Addr = ByteString.CopyFrom(s_address) },
    };

    private static async Task<AutoNatMessage> AskAsync(byte[] reply)
    {
        await using InMemoryOpener opener = Answering(reply);
        return await IAutoNat.Protocol.CreateClient(opener).DialAsync(Dial());
    }

    private static async Task<byte[]> ServeAsync(Server server, byte[] request)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNat.Protocol, server);
        return await opener.AnswerAsync(IAutoNat.Protocol, request);
    }

    private sealed class Server(AutoNatMessage answer) : IAutoNat
    {
        public AutoNatMessage? Asked { get; private set; }

        public ValueTask<AutoNatMessage> DialAsync(AutoNatMessage request, CallContext context = default)
        {
            Asked = request;
            return new(answer);
        }
    }
}
