using Google.Protobuf;
using Libp2p.Protocols.AutoNatV2;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.AutoNatV2;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class DialRequestTests
{
    // DialMessage { dial_request: { addrs: /ip4/1.2.3.4/tcp/4001, nonce: 0102030405060708, little-endian } }.
    private static readonly byte[] s_request = Hex("15 0a13 0a08 0401020304060fa1 11 0807060504030201");

    // DialMessage { dial_data_request: { num_bytes: 30000 } }: address 0 is left out.
    private static readonly byte[] s_dataRequest = Hex("06 1a04 10b0ea01");

    // DialMessage { dial_data_response: { data } } with 4096 bytes, which make 4102, and with the 1328 that are left of 30000.
    private static readonly byte[] s_fullData = [.. Hex("8620 228320 0a8020"), .. new byte[4096]];
    private static readonly byte[] s_lastData = [.. Hex("b60a 22b30a 0ab00a"), .. new byte[1328]];

    // DialMessage { dial_response: { status: OK, dial_status: OK } }: address 0 is left out.
    private static readonly byte[] s_reached = Hex("08 1206 08c801 18c801");

    // DialMessage { dial_response: { status: E_REQUEST_REJECTED } }.
    private static readonly byte[] s_rejected = Hex("04 1202 0864");

    public static TheoryData<int> RequestSplits => SplitsOf(s_request);

    public static TheoryData<int> ResponseSplits => SplitsOf([.. s_dataRequest, .. s_reached]);

    [Theory]
    [MemberData(nameof(RequestSplits))]
    public async Task A_server_answers_at_once_where_the_address_is_the_callers(int split)
    {
        Server server = new(dataBytes: 0);
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNatDialRequest.Protocol, server);
        await using P2PStream stream = await opener.DialAsync(IAutoNatDialRequest.Protocol);

        await stream.SendSplitAsync(s_request, split);

        Assert.Equal(s_reached, await stream.ReceiveAllAsync());
        Assert.Equal(0x0102030405060708ul, server.Asked!.Nonce);
        Assert.Equal([4, 1, 2, 3, 4, 6, 0x0f, 0xa1], Assert.Single(server.Asked.Addrs).ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_server_may_first_ask_for_data()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNatDialRequest.Protocol, new Server(dataBytes: 30_000));
        await using P2PStream stream = await opener.DialAsync(IAutoNatDialRequest.Protocol);

        await stream.SendAsync(s_request);
        Assert.Equal(s_dataRequest, await stream.ReceiveAsync(s_dataRequest.Length));
        for (int i = 0; i < 7; i++)
        {
            Assert.False(stream.Input.TryRead(out _)); // not yet enough
            await stream.SendAsync(s_fullData);
        }

        await stream.SendAsync(s_lastData);

        Assert.Equal(s_reached, await stream.ReceiveAllAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [MemberData(nameof(ResponseSplits))]
    public async Task A_client_asks_and_reads_what_the_server_sends(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/autonat/2/dial-request", stream.Protocol.Value);
            Assert.Equal(s_request, await stream.ReceiveAsync(s_request.Length));
            Assert.False(stream.Input.TryRead(out _)); // data may follow, so there is no end either
            await stream.SendSplitAsync([.. s_dataRequest, .. s_reached], split);
        });
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        DialDataRequest wanted = Assert.IsType<DialDataRequest>(await rest.ReceiveAsync());
        DialResponse answer = Assert.IsType<DialResponse>(await rest.ReceiveAsync());

        Assert.Equal((0u, 30_000ul), (wanted.AddrIdx, wanted.NumBytes));
        Assert.Equal((DialResponse.Types.ResponseStatus.Ok, 0u, DialStatus.Ok), (answer.Status, answer.AddrIdx, answer.DialStatus));
        Assert.False((await rest.TryReceiveAsync()).HasMessage);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_client_sends_the_data_that_the_server_asks_for()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(s_request.Length);
            await stream.SendAsync(s_dataRequest);
            for (int i = 0; i < 7; i++)
            {
                Assert.Equal(s_fullData, await stream.ReceiveAsync(s_fullData.Length));
            }

            Assert.Equal(s_lastData, await stream.ReceiveAsync(s_lastData.Length));
            await stream.SendAsync(s_reached);
        });
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        int left = (int)Assert.IsType<DialDataRequest>(await rest.ReceiveAsync()).NumBytes;
        for (; left > 0; left -= 4096)
        {
            await rest.SendAsync(new DialDataResponse { Data = ByteString.CopyFrom(new byte[Math.Min(left, 4096)]) });
        }

        Assert.IsType<DialResponse>(await rest.ReceiveAsync());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_answer_that_came_before_the_request_was_read_beats_the_request_that_could_not_be_sent()
    {
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(s_rejected);
                stream.CloseRead();
                await stream.CloseWriteAsync();
            },
            window: 8); // less than the request
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        Assert.Equal(DialResponse.Types.ResponseStatus.ERequestRejected, Assert.IsType<DialResponse>(await rest.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task An_answer_in_the_middle_of_the_data_is_read_although_no_more_can_be_sent()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(s_request.Length);
            await stream.SendAsync([.. s_dataRequest, .. s_rejected]);
            stream.CloseRead();
        });
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());
        Assert.IsType<DialDataRequest>(await rest.ReceiveAsync());
        await opener.RemotesAsync();

        await Assert.ThrowsAsync<StreamResetException>(async () => await rest.SendAsync(new DialDataResponse { Data = ByteString.CopyFrom(1) }));

        Assert.IsType<DialResponse>(await rest.ReceiveAsync());
    }

    [Theory]
    [InlineData("00")] // none
    [InlineData("02 0a00")] // a request
    [InlineData("02 2200")] // data
    [InlineData("02 2a00")] // a member that there is not
    public async Task What_only_a_client_sends_is_a_violation(string frame)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAsync(s_request.Length);
            await stream.SendAsync(Hex(frame));
        });
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        await Assert.ThrowsAsync<ProtocolViolationException>(async () => await rest.ReceiveAsync());
    }

    [Theory]
    [InlineData("00")]
    [InlineData("02 1200")] // a response
    [InlineData("02 2200")] // data before the request
    public async Task What_is_no_request_resets_the_stream(string frame)
    {
        Server server = new(dataBytes: 0);
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNatDialRequest.Protocol, server);
        await using P2PStream stream = await opener.DialAsync(IAutoNatDialRequest.Protocol);

        await stream.SendAsync(Hex(frame));

        await Assert.ThrowsAsync<StreamResetException>(() => stream.ReceiveAllAsync());
        Assert.Null(server.Asked);
    }

    [Fact]
    public async Task A_second_request_where_data_is_due_is_a_violation()
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNatDialRequest.Protocol, new Server(dataBytes: 30_000));
        await using P2PStream stream = await opener.DialAsync(IAutoNatDialRequest.Protocol);

        await stream.SendAsync([.. s_request, .. s_request]);

        Assert.IsType<ProtocolViolationException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Theory]
    [InlineData(4098, true)] // 4,104 bytes, as rust reads
    [InlineData(4099, false)]
    public async Task No_more_is_sent_than_rust_reads(int data, bool isSent)
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());
        await using Dialogue<IDialAnswer, DialDataResponse> rest = await IAutoNatDialRequest.Protocol.CreateClient(opener).OpenDialAsync(Request());

        Exception? failure = await Record.ExceptionAsync(async () => await rest.SendAsync(new DialDataResponse { Data = ByteString.CopyFrom(new byte[data]) }));

        Assert.Equal(isSent ? null : typeof(LimitExceededException), failure?.GetType());
    }

    private static DialRequest Request() => new() { Addrs = { ByteString.CopyFrom(4, 1, 2, 3, 4, 6, 0x0f, 0xa1) }, Nonce = 0x0102030405060708 };

    /// <summary>Asks for data, if for any, until there is enough.</summary>
    private sealed class Server(int dataBytes) : IAutoNatDialRequest
    {
        public DialRequest? Asked { get; private set; }

        public async ValueTask DialAsync(DialRequest request, Dialogue<DialDataResponse, IDialAnswer> rest, CallContext context = default)
        {
            Asked = request;
            if (dataBytes > 0)
            {
                await rest.SendAsync(new DialDataRequest { NumBytes = (ulong)dataBytes });
            }

            for (int left = dataBytes; left > 0;)
            {
                left -= (await rest.ReceiveAsync(context.CancellationToken)).Data.Length;
            }

            await rest.SendAsync(new DialResponse { Status = DialResponse.Types.ResponseStatus.Ok, DialStatus = DialStatus.Ok });
        }
    }
}
