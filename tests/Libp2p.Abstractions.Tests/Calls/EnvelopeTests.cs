using Google.Protobuf;
using Libp2p.Connections;
using Libp2p.Protocols.AutoNat;
using Libp2p.Protocols.AutoNatV2;
using Libp2p.Protocols.Dcutr;
using Libp2p.TestKit.Calls;

namespace Libp2p.Tests.Calls;

/// <summary>Messages that a member of a <c>oneof</c> wraps, and messages whose type is each sender's affair.</summary>
public sealed class EnvelopeTests
{
    // DialMessage: 1 DialRequest {1 addrs, 2 nonce fixed64}, 2 DialResponse {1 status}, 3 DialDataRequest {2 num_bytes}, 4 DialDataResponse {1 data}.
    private static readonly byte[] s_request = [14, 0x0a, 12, 0x0a, 1, 4, 0x11, 8, 7, 6, 5, 4, 3, 2, 1];
    private static readonly byte[] s_dataRequest = [4, 0x1a, 2, 0x10, 3];
    private static readonly byte[] s_data = [7, 0x22, 5, 0x0a, 3, 1, 2, 3];
    private static readonly byte[] s_response = [5, 0x12, 3, 8, 0xc8, 1];

    [Fact]
    public async Task A_server_sends_and_receives_members_of_the_envelope()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IAutoNatDialRequest>(IAutoNatDialRequest.Protocol, new Server());
        await using P2PStream stream = await OpenAsync(opener, IAutoNatDialRequest.Protocol);

        await stream.DripAsync(s_request);
        Assert.Equal(s_dataRequest, await stream.ReceiveAsync(5));
        await stream.DripAsync(s_data);

        Assert.Equal(s_response, await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_client_tells_by_the_type_what_the_server_sent()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal(s_request, await stream.ReceiveAsync(15));
            await stream.SendAsync(s_dataRequest);
            Assert.Equal(s_data, await stream.ReceiveAsync(8));
            await stream.SendAsync(s_response);
        });
        await using Dialogue<IDialAnswer, DialDataResponse> dialogue = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        Assert.Equal(3ul, Assert.IsType<DialDataRequest>(await dialogue.ReceiveAsync()).NumBytes);
        await dialogue.SendAsync(new DialDataResponse { Data = ByteString.CopyFrom(1, 2, 3) });
        Assert.Equal(DialResponse.Types.ResponseStatus.Ok, Assert.IsType<DialResponse>(await dialogue.ReceiveAsync()).Status);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0 })] // nothing in it
    [InlineData(new byte[] { 2, 0x0a, 0 })] // what only a client may send
    [InlineData(new byte[] { 2, 0x22, 0 })]
    [InlineData(new byte[] { 4, 0x12, 0, 0x0a, 0 })] // the last member counts
    [InlineData(new byte[] { 2, 0x2a, 0 })] // no member
    [InlineData(new byte[] { 2, 0x12, 1 })] // cut short
    public async Task What_a_server_may_not_send_is_a_violation(byte[] bytes)
    {
        await using InMemoryOpener opener = new(async stream => await stream.SendAsync(bytes));
        await using Dialogue<IDialAnswer, DialDataResponse> dialogue = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await dialogue.ReceiveAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0 })]
    [InlineData(new byte[] { 2, 0x12, 0 })]
    [InlineData(new byte[] { 2, 0x0a, 0, 2, 0x0a, 0 })] // a request, and another where data were due
    public async Task What_a_client_may_not_send_is_a_violation(byte[] bytes)
    {
        await using InMemoryOpener opener = InMemoryOpener.To<IAutoNatDialRequest>(IAutoNatDialRequest.Protocol, new Server());
        await using P2PStream stream = await OpenAsync(opener, IAutoNatDialRequest.Protocol);

        await stream.SendAsync(bytes);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task A_member_without_bytes_is_a_message()
    {
        await using InMemoryOpener opener = new(async stream => Assert.Equal([2, 0x0a, 0, 2, 0x22, 0], await stream.ReceiveAllAsync()));
        await using (Dialogue<IDialAnswer, DialDataResponse> dialogue = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(new DialRequest()))
        {
            await dialogue.SendAsync(new DialDataResponse());
            await dialogue.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_handler_is_tried_out_in_this_process()
    {
        IAutoNatDialRequest server = new Server();
        await using Dialogue<IDialAnswer, DialDataResponse> dialogue = await server.OpenDialAsync(Request());

        Assert.IsType<DialDataRequest>(await dialogue.ReceiveAsync());
        await dialogue.SendAsync(new DialDataResponse());
        Assert.IsType<DialResponse>(await dialogue.ReceiveAsync());
    }

    [Fact]
    public async Task The_case_tells_operations_apart()
    {
        Cases cases = new();
        StreamHandler handler = Assert.Single(ICases.Protocol.CreateHandlers(cases));
        await using InMemoryOpener opener = new(stream => handler.HandleAsync(stream, default));
        ICases client = ICases.Protocol.CreateClient(opener);

        Assert.IsType<DialResponse>(await client.AskAsync(Request()));
        await client.TellAsync(new DialDataResponse { Data = ByteString.CopyFrom(9) });
        Assert.Equal([null, null], await opener.RemotesAsync());
        Assert.Equal([9], Assert.Single(cases.Told).Data.ToByteArray());

        await using P2PStream stream = await OpenAsync(opener, ICases.Protocol);
        await stream.SendAsync(2, 0x1a, 0); // a member, and no operation's
        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Equal(1, handler.UnknownMessages);
    }

    [Fact]
    public async Task An_older_id_knows_no_newer_operation()
    {
        Cases cases = new();
        StreamHandler handler = Assert.Single(ICases.Protocol.CreateHandlers(cases));
        await using InMemoryOpener opener = new(stream => handler.HandleAsync(stream, default));
        await using P2PStream stream = await opener.OpenStreamAsync(new StreamRequest(["/cases/1.0.0"]), default);

        await stream.SendAsync(2, 0x22, 0);

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Equal(1, handler.UnknownMessages);
        Assert.Equal(["/cases/2.0.0", "/cases/1.0.0"], handler.Ids.Select(id => id.Value));
    }

    [Fact]
    public async Task A_discriminator_that_selects_nothing_is_set_by_the_sender_or_nothing_is_sent()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal([2, 8, 100], await stream.ReceiveAsync(3));
            await stream.SendAsync(3, 8, 0xac, 2, 0); // SYNC, and a message without a type
            Assert.Empty(await stream.ReceiveAllAsync());
        });
        await using (Dialogue<HolePunch, HolePunch> dialogue = await IDcutr.Protocol.CreateClient(opener).OpenCoordinateAsync())
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await dialogue.SendAsync(new HolePunch()));
            await dialogue.SendAsync(new HolePunch { Type = HolePunch.Types.Type.Connect });
            Assert.Equal(HolePunch.Types.Type.Sync, (await dialogue.ReceiveAsync()).Type);
            Assert.False((await dialogue.ReceiveAsync()).HasType);
            await dialogue.CompleteAsync();
        }

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task One_operation_with_a_discriminator_sends_and_checks_it()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal([2, 8, 0], await stream.ReceiveAllAsync()); // DIAL is 0, and rust wants to see it
            await stream.SendAsync(2, 8, 1);
        });
        await IAutoNat.Protocol.CreateClient(opener).DialAsync(new AutoNatMessage());

        await using InMemoryOpener served = InMemoryOpener.To<IAutoNat>(IAutoNat.Protocol, new NatService());
        await using P2PStream dial = await OpenAsync(served, IAutoNat.Protocol);
        await dial.SendAsync(0);
        Assert.Equal([2, 8, 1], await dial.ReceiveAllAsync());
        await using P2PStream response = await OpenAsync(served, IAutoNat.Protocol);
        await response.SendAsync(2, 8, 1);
        await Assert.ThrowsAsync<StreamResetException>(() => response.ReceiveAllAsync());
    }

    private static DialRequest Request() => new() { Addrs = { ByteString.CopyFrom(4) }, Nonce = 0x0102030405060708 };

    private static ValueTask<P2PStream> OpenAsync<T>(InMemoryOpener opener, Protocol<T> protocol)
        where T : class => opener.OpenStreamAsync(new StreamRequest(protocol.Ids), default);

    /// <summary>Asks for three bytes, and says OK.</summary>
    private sealed class Server : IAutoNatDialRequest
    {
        public async ValueTask DialAsync(DialRequest request, Dialogue<DialDataResponse, IDialAnswer> rest, CallContext context = default)
        {
            await rest.SendAsync(new DialDataRequest { NumBytes = 3 });
            await rest.ReceiveAsync();
            await rest.SendAsync(new DialResponse { Status = DialResponse.Types.ResponseStatus.Ok });
        }
    }

    private sealed class Cases : ICases
    {
        public List<DialDataResponse> Told { get; } = [];

        public ValueTask<IDialAnswer> AskAsync(DialRequest request, CallContext context = default) => new(new DialResponse());

        public ValueTask TellAsync(DialDataResponse data, CallContext context = default)
        {
            Told.Add(data);
            return default;
        }
    }

    private sealed class NatService : IAutoNat
    {
        public ValueTask<AutoNatMessage> DialAsync(AutoNatMessage request, CallContext context = default) => new(new AutoNatMessage());
    }
}
