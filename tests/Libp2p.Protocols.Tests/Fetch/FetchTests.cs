using Google.Protobuf;
using Libp2p.Protocols.Fetch;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.Fetch;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class FetchTests
{
    // FetchRequest { identifier: ff 00 2f 61 }, which is no text.
    private static readonly byte[] s_request = Hex("06 0a04ff002f61");

    // FetchResponse { data: "hi" }: OK is 0, and js leaves it out.
    private static readonly byte[] s_found = Hex("04 12026869");

    public static TheoryData<int> RequestSplits => SplitsOf(s_request);

    public static TheoryData<int> ResponseSplits => SplitsOf(s_found);

    [Theory]
    [MemberData(nameof(RequestSplits))]
    public async Task A_responder_answers_and_ends(int split)
    {
        Store store = new(new FetchResponse { Data = ByteString.CopyFromUtf8("hi") });
        await using InMemoryOpener opener = InMemoryOpener.To(IFetch.Protocol, store);
        await using P2PStream stream = await opener.DialAsync(IFetch.Protocol);

        await stream.SendSplitAsync(s_request, split);
        await stream.CloseWriteAsync();

        Assert.Equal(s_found, await stream.ReceiveAllAsync());
        Assert.Equal([0xff, 0, 0x2f, 0x61], store.Asked!.Identifier.ToByteArray());
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [MemberData(nameof(ResponseSplits))]
    public async Task An_initiator_asks_ends_and_is_answered(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/fetch/0.0.1", stream.Protocol.Value);
            Assert.Equal(s_request, await stream.ReceiveAllAsync());
            await stream.SendSplitAsync(s_found, split);
        });

        FetchResponse response = await IFetch.Protocol.CreateClient(opener).FetchAsync(Request());

        Assert.Equal((FetchResponse.Types.StatusCode.Ok, "hi"), (response.Status, response.Data.ToStringUtf8()));
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task OK_without_data_has_no_bytes_and_is_a_reply()
    {
        FetchResponse response = await AskAsync(0);
        Assert.Equal(FetchResponse.Types.StatusCode.Ok, response.Status);
        Assert.Empty(response.Data);

        Assert.Equal([0], await ServeAsync(new FetchResponse()));
    }

    [Fact]
    public async Task NOT_FOUND_and_ERROR_are_replies()
    {
        Assert.Equal(FetchResponse.Types.StatusCode.NotFound, (await AskAsync(2, 8, 1)).Status);
        FetchResponse error = await AskAsync(Hex("06 0802 12026e6f")); // js: no function for the prefix, and a text
        Assert.Equal((FetchResponse.Types.StatusCode.Error, "no"), (error.Status, error.Data.ToStringUtf8()));

        Assert.Equal([2, 8, 1], await ServeAsync(new FetchResponse { Status = FetchResponse.Types.StatusCode.NotFound }));
    }

    [Fact]
    public async Task An_end_or_a_reset_is_no_reply()
    {
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync());
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(4, 0x12, 2));

        await using InMemoryOpener opener = new(stream =>
        {
            stream.Reset();
            return default;
        });
        await Assert.ThrowsAsync<StreamResetException>(async () => await IFetch.Protocol.CreateClient(opener).FetchAsync(Request()));
    }

    [Theory]
    [InlineData(0x1000, true)] // 4 KiB
    [InlineData(0x1001, false)]
    public async Task A_request_has_4_KiB(int length, bool isTaken)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IFetch.Protocol, new Store(new FetchResponse()));
        await using P2PStream stream = await opener.DialAsync(IFetch.Protocol);
        int key = length - 3;

        await stream.SendAsync(Frame([0x0a, (byte)(key | 0x80), (byte)(key >> 7), .. new byte[key]]));

        Exception? failure = Assert.Single(await opener.RemotesAsync());
        Assert.Equal(isTaken ? null : typeof(ProtocolViolationException), failure?.GetType());
    }

    [Fact]
    public async Task A_reply_beyond_1_MiB_is_refused_by_its_length()
    {
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(0x81, 0x80, 0x40));
    }

    private static FetchRequest Request() => new() { Identifier = ByteString.CopyFrom(0xff, 0, 0x2f, 0x61) };

    private static async Task<FetchResponse> AskAsync(params byte[] reply)
    {
        await using InMemoryOpener opener = Answering(reply);
        return await IFetch.Protocol.CreateClient(opener).FetchAsync(Request());
    }

    private static async Task<byte[]> ServeAsync(FetchResponse response)
    {
        await using InMemoryOpener opener = InMemoryOpener.To(IFetch.Protocol, new Store(response));
        return await opener.AnswerAsync(IFetch.Protocol, s_request);
    }

    private sealed class Store(FetchResponse response) : IFetch
    {
        public FetchRequest? Asked { get; private set; }

        public ValueTask<FetchResponse> FetchAsync(FetchRequest request, CallContext context = default)
        {
            Asked = request;
            return new(response);
        }
    }
}
