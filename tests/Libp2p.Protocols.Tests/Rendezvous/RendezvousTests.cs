using Google.Protobuf;
using Libp2p.Protocols.Rendezvous;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.Rendezvous;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class RendezvousTests
{
    // RendezvousMessage { type: REGISTER, register: { ns: "a", signed_peer_record: 01 02, ttl: 7200 } }: REGISTER is 0, and rust wants to see it.
    private static readonly byte[] s_register = Hex("0e 0800 120a 0a0161 12020102 18a038");

    // { type: REGISTER_RESPONSE, register_response: { status: OK, ttl: 7200 } }.
    private static readonly byte[] s_registered = Hex("09 0801 1a05 0800 18a038");

    // { type: UNREGISTER, unregister: { ns: "a" } }.
    private static readonly byte[] s_unregister = Hex("07 0802 2203 0a0161");

    // { type: DISCOVER, discover: { ns: "a", limit: 10, cookie: 09 08 } }.
    private static readonly byte[] s_discover = Hex("0d 0803 2a09 0a0161 100a 1a020908");

    // { type: DISCOVER_RESPONSE, discover_response: { registrations: [as above], cookie: 09 09, status: OK } }.
    private static readonly byte[] s_discovered = Hex("16 0804 3212 0a0a 0a0161 12020102 18a038 12020909 1800");

    public static TheoryData<int> RegisterSplits => SplitsOf(s_register);

    public static TheoryData<int> DiscoveredSplits => SplitsOf(s_discovered);

    [Theory]
    [MemberData(nameof(RegisterSplits))]
    public async Task REGISTER_is_answered(int split)
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);

        await stream.SendSplitAsync(s_register, split);
        await stream.CloseWriteAsync();

        Assert.Equal(s_registered, await stream.ReceiveAllAsync());
        RendezvousMessage.Types.Register register = Assert.Single(point.Asked).Register;
        Assert.Equal(("a", 7200ul), (register.Ns, register.Ttl));
        Assert.Equal([1, 2], register.SignedPeerRecord.ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task UNREGISTER_is_not_and_the_next_stream_is_for_something_else()
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream unregister = await opener.DialAsync(IRendezvous.Protocol);
        await unregister.DripAsync(s_unregister);
        await unregister.CloseWriteAsync();
        Assert.Empty(await unregister.ReceiveAllAsync());

        await using P2PStream register = await opener.DialAsync(IRendezvous.Protocol);
        await register.SendAsync(s_register);
        Assert.Equal(s_registered, await register.ReceiveAllAsync());

        Assert.Equal(
            [RendezvousMessage.Types.MessageType.Unregister, RendezvousMessage.Types.MessageType.Register], point.Asked.Select(message => message.Type));
        Assert.Equal("a", point.Asked[0].Unregister.Ns);
        Assert.Equal([null, null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task DISCOVER_is_answered()
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);

        await stream.DripAsync(s_discover);

        Assert.Equal(s_discovered, await stream.ReceiveAllAsync());
        Assert.Equal([9, 8], Assert.Single(point.Asked).Discover.Cookie.ToByteArray());
    }

    [Fact]
    public async Task One_exchange_is_all_that_a_stream_carries()
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);

        await stream.SendAsync([.. s_register, .. s_register]);

        Assert.Equal(s_registered, await stream.ReceiveAllAsync());
        Assert.Single(point.Asked);
    }

    [Theory]
    [InlineData("07 2a05 0a0161 1a00", true)] // an empty cookie is one
    [InlineData("05 2a03 0a0161", false)]
    public async Task An_absent_cookie_is_none(string discover, bool hasCookie)
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);
        byte[] withoutType = Hex(discover);

        await stream.SendAsync([(byte)(withoutType[0] + 2), 8, 3, .. withoutType[1..]]);
        await stream.ReceiveAllAsync();

        Assert.Equal(hasCookie, Assert.Single(point.Asked).Discover.HasCookie);
    }

    [Fact]
    public async Task An_initiator_registers_and_unregisters()
    {
        List<byte[]> requests = [];
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/rendezvous/1.0.0", stream.Protocol.Value);
            byte[] request = await stream.ReceiveAllAsync();
            requests.Add(request);
            await stream.SendAsync(request[2] == 0 ? s_registered : []);
        });
        IRendezvous client = IRendezvous.Protocol.CreateClient(opener);

        RendezvousMessage answer = await client.RegisterAsync(new RendezvousMessage { Register = Registration() });
        await client.UnregisterAsync(new RendezvousMessage { Unregister = new() { Ns = "a" } });

        Assert.Equal([null, null], await opener.RemotesAsync());
        Assert.Equal((RendezvousMessage.Types.ResponseStatus.Ok, 7200ul), (answer.RegisterResponse.Status, answer.RegisterResponse.Ttl));
        Assert.Equal([s_register, s_unregister], requests);
    }

    [Theory]
    [MemberData(nameof(DiscoveredSplits))]
    public async Task An_initiator_discovers(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(s_discover, await stream.ReceiveAllAsync());
            await stream.SendSplitAsync(s_discovered, split);
        });

        RendezvousMessage answer = await IRendezvous.Protocol.CreateClient(opener).DiscoverAsync(
            new RendezvousMessage { Discover = new() { Ns = "a", Limit = 10, Cookie = ByteString.CopyFrom(9, 8) } });

        Assert.Equal([9, 9], answer.DiscoverResponse.Cookie.ToByteArray());
        Assert.Equal(Registration(), Assert.Single(answer.DiscoverResponse.Registrations));
    }

    [Theory]
    [InlineData("02 0800")] // REGISTER
    [InlineData("02 0804")] // DISCOVER_RESPONSE
    [InlineData("07 1a05 0800 18a038")] // no type, which is REGISTER
    [InlineData("")]
    public async Task Another_reply_than_REGISTER_RESPONSE_is_a_violation(string reply)
    {
        await using InMemoryOpener opener = Answering(Hex(reply));

        await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await IRendezvous.Protocol.CreateClient(opener).RegisterAsync(new RendezvousMessage { Register = Registration() }));
    }

    [Fact]
    public async Task An_absent_type_is_REGISTER()
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);

        await stream.SendAsync([0x0c, .. s_register[3..]]);

        Assert.Equal(s_registered, await stream.ReceiveAllAsync());
        Assert.Equal("a", Assert.Single(point.Asked).Register.Ns);
    }

    [Theory]
    [InlineData(1)] // REGISTER_RESPONSE
    [InlineData(4)] // DISCOVER_RESPONSE
    [InlineData(5)] // nothing's
    public async Task What_nobody_asks_resets_the_stream(byte type)
    {
        MeetingPoint point = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IRendezvous.Protocol, point);
        await using P2PStream stream = await opener.DialAsync(IRendezvous.Protocol);

        await stream.SendAsync(2, 8, type);

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Empty(point.Asked);
    }

    private static RendezvousMessage.Types.Register Registration() =>
        new() { Ns = "a", SignedPeerRecord = ByteString.CopyFrom(1, 2), Ttl = 7200 };

    private sealed class MeetingPoint : IRendezvous
    {
        public List<RendezvousMessage> Asked { get; } = [];

        public ValueTask<RendezvousMessage> RegisterAsync(RendezvousMessage request, CallContext context = default)
        {
            Asked.Add(request);
            return new(new RendezvousMessage { RegisterResponse = new() { Status = RendezvousMessage.Types.ResponseStatus.Ok, Ttl = 7200 } });
        }

        public ValueTask UnregisterAsync(RendezvousMessage request, CallContext context = default)
        {
            Asked.Add(request);
            return default;
        }

        public ValueTask<RendezvousMessage> DiscoverAsync(RendezvousMessage request, CallContext context = default)
        {
            Asked.Add(request);
            return new(new RendezvousMessage
            {
                DiscoverResponse = new()
                {
                    Registrations = { Registration() },
                    Cookie = ByteString.CopyFrom(9, 9),
                    Status = RendezvousMessage.Types.ResponseStatus.Ok,
                },
            });
        }
    }
}
