using Google.Protobuf;
using Libp2p.Protocols.Identify;
using Libp2p.TestKit.Calls;

namespace Libp2p.Protocols.Tests.Identify;

/// <summary>The two declarations against a remote that is a script of bytes.</summary>
public sealed class IdentifyWireTests
{
    // IdentifyMessage { protocols: "/a", agent_version: "x" }: field 3, field 6.
    private static readonly byte[] s_base = [0x1a, 0x02, .. "/a"u8, 0x32, 0x01, (byte)'x'];

    // IdentifyMessage { signed_peer_record: 01 02 03 }: field 8, which go sends in a frame of its own.
    private static readonly byte[] s_record = [0x42, 0x03, 1, 2, 3];

    [Fact]
    public async Task The_responder_writes_one_frame_and_ends()
    {
        Fixed answer = new(new IdentifyMessage { Protocols = { "/a" }, AgentVersion = "x" });
        await using InMemoryOpener opener = InMemoryOpener.To(IIdentify.Protocol, answer);
        await using P2PStream stream = await opener.OpenStreamAsync(IIdentify.Protocol.Settings("Identify").Request, default);

        byte[] received = await stream.ReceiveAllAsync();

        Assert.Equal((byte[])[(byte)s_base.Length, .. s_base], received);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task Frames_up_to_the_end_are_one_message()
    {
        byte[] wire = [(byte)s_base.Length, .. s_base, (byte)s_record.Length, .. s_record];
        for (int split = 0; split <= wire.Length; split++)
        {
            await using InMemoryOpener opener = new(async stream =>
            {
                await stream.SendAsync(wire[..split]);
                await Task.Yield();
                await stream.SendAsync(wire[split..]);
            });

            IdentifyMessage message = await IIdentify.Protocol.CreateClient(opener).IdentifyAsync();

            Assert.Equal(["/a"], message.Protocols);
            Assert.Equal("x", message.AgentVersion);
            Assert.Equal([1, 2, 3], message.SignedPeerRecord.ToByteArray());
        }
    }

    [Fact]
    public async Task Ten_frames_are_taken_and_eleven_are_not()
    {
        Assert.Equal(10, (await AskAsync(Frames(10))).Protocols.Count);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(Frames(11)));

        static byte[] Frames(int count) => [.. Enumerable.Repeat<byte[]>([4, 0x1a, 0x02, .. "/a"u8], count).SelectMany(frame => frame)];
    }

    [Fact]
    public async Task A_frame_may_have_8_KiB_and_no_byte_more()
    {
        Assert.Equal(8189, (await AskAsync(Frame(8192))).AgentVersion.Length);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(Frame(8193)));

        static byte[] Frame(int length)
        {
            byte[] text = [.. Enumerable.Repeat((byte)'x', length - 3)];
            return [(byte)(length | 0x80), (byte)(length >> 7), 0x32, (byte)(text.Length | 0x80), (byte)(text.Length >> 7), .. text];
        }
    }

    [Theory]
    [InlineData("nothing at all", new byte[0])]
    [InlineData("half a frame", new byte[] { 4, 0x1a, 0x02 })]
    [InlineData("a second frame that is cut", new byte[] { 4, 0x1a, 0x02, 0x2f, 0x61, 9, 1 })]
    [InlineData("no protobuf", new byte[] { 3, 0xff, 0xff, 0xff })]
    [InlineData("a length without an end", new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    public async Task What_is_no_description_fails_the_call(string what, byte[] wire)
    {
        Assert.NotEmpty(what);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => AskAsync(wire));
    }

    [Fact]
    public async Task A_push_is_one_frame_and_the_end()
    {
        byte[] received = [];
        await using InMemoryOpener opener = new(async stream => received = await stream.ReceiveAllAsync());

        await IIdentifyPush.Protocol.CreateClient(opener).PushAsync(new IdentifyMessage { Protocols = { "/a" }, AgentVersion = "x" });

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal((byte[])[(byte)s_base.Length, .. s_base], received);
    }

    [Fact]
    public async Task A_push_of_two_frames_arrives_as_one_message()
    {
        Fixed handler = new(new IdentifyMessage());
        await using InMemoryOpener opener = InMemoryOpener.To(IIdentifyPush.Protocol, handler);
        await using P2PStream stream = await opener.OpenStreamAsync(IIdentifyPush.Protocol.Settings("Push").Request, default);
        await stream.SendAsync([(byte)s_base.Length, .. s_base, (byte)s_record.Length, .. s_record]);
        await stream.CloseWriteAsync();

        Assert.Equal([null], await opener.RemotesAsync());
        Assert.Equal([1, 2, 3], handler.Pushed!.SignedPeerRecord.ToByteArray());
        Assert.Equal(["/a"], handler.Pushed.Protocols);
    }

    [Fact]
    public async Task More_than_rust_reads_is_not_sent()
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());
        IdentifyMessage large = new() { SignedPeerRecord = ByteString.CopyFrom(new byte[4096]) };

        await Assert.ThrowsAsync<LimitExceededException>(async () => await IIdentifyPush.Protocol.CreateClient(opener).PushAsync(large));
    }

    private static async Task<IdentifyMessage> AskAsync(byte[] wire)
    {
        await using InMemoryOpener opener = new(stream => new ValueTask(stream.SendAsync(wire)));
        return await IIdentify.Protocol.CreateClient(opener).IdentifyAsync();
    }

    private sealed class Fixed(IdentifyMessage message) : IIdentify, IIdentifyPush
    {
        public IdentifyMessage? Pushed { get; private set; }

        public ValueTask<IdentifyMessage> IdentifyAsync(CallContext context = default) => new(message);

        public ValueTask PushAsync(IdentifyMessage description, CallContext context = default)
        {
            Pushed = description;
            return ValueTask.CompletedTask;
        }
    }
}
