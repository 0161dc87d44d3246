using Libp2p.Protocols.Identify;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>As identify sends itself: in as many frames as it likes.</summary>
[Protocol("/describe/1.0.0")]
[Limits(MaxMessage = 64, MaxSend = 32, MaxElements = 5, ExchangeSeconds = 5)]
internal partial interface IDescribe
{
    [Id("pull"), Merge(MaxFrames = 3)]
    ValueTask<IdentifyMessage> DescribeAsync(CallContext context = default);

    [Id("push"), Merge(MaxFrames = 3)]
    ValueTask TellAsync(IdentifyMessage description, CallContext context = default);
}

public sealed class MergeTests
{
    // Field 3, a protocol; field 6, the agent's version; field 8, a signed record.
    private static readonly byte[] s_protocolA = [0x1a, 2, (byte)'/', (byte)'a'];
    private static readonly byte[] s_protocolB = [0x1a, 2, (byte)'/', (byte)'b'];
    private static readonly byte[] s_agentOld = [0x32, 1, (byte)'1'];
    private static readonly byte[] s_agentNew = [0x32, 1, (byte)'2'];
    private static readonly byte[] s_record = [0x42, 2, 8, 9];

    [Fact]
    public async Task Lists_append_and_the_last_single_value_stays()
    {
        byte[] bytes = [.. Frame([.. s_protocolA, .. s_agentOld]), .. Frame(s_record), .. Frame([.. s_protocolB, .. s_agentNew])];

        foreach (IdentifyMessage message in new[] { await PullAsync(bytes), await PushAsync(bytes) })
        {
            Assert.Equal(["/a", "/b"], message.Protocols);
            Assert.Equal("2", message.AgentVersion);
            Assert.Equal([8, 9], message.SignedPeerRecord.ToByteArray());
            Assert.False(message.HasPublicKey);
        }
    }

    [Fact]
    public async Task One_frame_without_bytes_is_a_message()
    {
        Assert.Equal(new IdentifyMessage(), await PullAsync([0]));
        Assert.Equal(new IdentifyMessage(), await PushAsync([0]));
        Assert.Equal("1", (await PullAsync([0, .. Frame(s_agentOld), 0])).AgentVersion);
    }

    [Fact]
    public async Task The_limit_on_bytes_bounds_each_frame()
    {
        byte[] longest = Frame([0x42, 62, .. new byte[62]]);

        Assert.Equal(62, (await PullAsync([.. longest, .. longest, .. longest])).SignedPeerRecord.Length);
        Assert.Equal(62, (await PushAsync([.. longest, .. longest, .. longest])).SignedPeerRecord.Length);
    }

    [Theory]
    [InlineData(new byte[0])] // an end, and no message
    [InlineData(new byte[] { 0, 0, 0, 0 })] // a frame too many
    [InlineData(new byte[] { 0, 65 })] // a frame that is too long
    [InlineData(new byte[] { 0, 4, 0x1a, 2 })] // cut short
    [InlineData(new byte[] { 6, 0x1a, 1, 97, 0x1a, 1, 97, 6, 0x1a, 1, 97, 0x1a, 1, 97, 6, 0x1a, 1, 97, 0x1a, 1, 97 })] // six elements in all
    [InlineData(new byte[] { 3, 0x1a, 2, 97, 1, 97 })] // whole only when put together
    public async Task What_breaks_a_rule_is_a_violation(byte[] bytes)
    {
        await Assert.ThrowsAsync<ProtocolViolationException>(() => PullAsync(bytes));
        await Assert.ThrowsAsync<ProtocolViolationException>(() => PushAsync(bytes));
    }

    [Fact]
    public async Task As_many_elements_as_allowed_may_be_spread()
    {
        byte[] frame = [6, 0x1a, 1, 97, 0x1a, 1, 97];

        Assert.Equal(5, (await PullAsync([.. frame, .. frame, 3, 0x1a, 1, 97])).Protocols.Count);
    }

    [Fact]
    public async Task A_sender_writes_one_frame_and_ends()
    {
        await using InMemoryOpener served = InMemoryOpener.To<IDescribe>(IDescribe.Protocol, new Describer());
        await using P2PStream stream = await OpenAsync(served, "Describe");
        Assert.Equal(Frame(s_agentNew), await stream.ReceiveAllAsync());

        byte[]? received = null;
        await using InMemoryOpener scripted = new(async remote => received = await remote.ReceiveAllAsync());
        await IDescribe.Protocol.CreateClient(scripted).TellAsync(new IdentifyMessage { AgentVersion = "1" });
        await scripted.RemotesAsync();
        Assert.Equal(Frame(s_agentOld), received);
    }

    [Fact]
    public async Task What_we_send_is_bounded_by_what_the_strictest_takes()
    {
        await using InMemoryOpener opener = new(static async remote => await remote.ReceiveAllAsync());

        await Assert.ThrowsAsync<LimitExceededException>(async () =>
            await IDescribe.Protocol.CreateClient(opener).TellAsync(new IdentifyMessage { AgentVersion = new string('x', 31) }));
    }

    [Fact]
    public async Task A_stream_that_does_not_end_ends_with_its_time()
    {
        ManualClock clock = new();
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(Frame(s_agentNew));
                await stream.AbortedAsync();
            },
            clock);
        Task call = IDescribe.Protocol.CreateClient(opener).DescribeAsync().AsTask();
        await Eventually.HoldsAsync(() => opener.Opened.Count > 0);

        clock.Advance(TimeSpan.FromSeconds(5));

        await Assert.ThrowsAsync<DeadlineExceededException>(() => call);
    }

    [Fact]
    public async Task A_stream_that_is_reset_after_a_frame_has_no_message()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.SendAsync(Frame(s_agentNew));
            stream.Reset(new ErrorCode(0x10001));
        });

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () =>
            await IDescribe.Protocol.CreateClient(opener).DescribeAsync());
        Assert.Equal(new ErrorCode(0x10001), e.Reason.Code);
    }

    private static byte[] Frame(byte[] message) => [(byte)message.Length, .. message];

    private static async Task<IdentifyMessage> PullAsync(byte[] bytes)
    {
        await using InMemoryOpener opener = new(async stream => await stream.DripAsync(bytes));
        return await IDescribe.Protocol.CreateClient(opener).DescribeAsync();
    }

    private static async Task<IdentifyMessage> PushAsync(byte[] bytes)
    {
        Describer describer = new();
        await using InMemoryOpener opener = InMemoryOpener.To<IDescribe>(IDescribe.Protocol, describer);
        await using P2PStream stream = await OpenAsync(opener, "Tell");
        await stream.SendLastAsync(bytes);
        return Assert.Single(await opener.RemotesAsync()) is { } failure ? throw failure : describer.Told!;
    }

    private static ValueTask<P2PStream> OpenAsync(InMemoryOpener opener, string operation) =>
        opener.OpenStreamAsync(Wire.Request(IDescribe.Protocol, operation), default);

    private sealed class Describer : IDescribe
    {
        public IdentifyMessage? Told { get; private set; }

        public ValueTask<IdentifyMessage> DescribeAsync(CallContext context = default) => new(new IdentifyMessage { AgentVersion = "2" });

        public ValueTask TellAsync(IdentifyMessage description, CallContext context = default)
        {
            Told = description;
            return default;
        }
    }
}
