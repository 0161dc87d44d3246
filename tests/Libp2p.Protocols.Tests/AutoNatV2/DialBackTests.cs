using Libp2p.Protocols.AutoNatV2;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.AutoNatV2;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class DialBackTests
{
    // DialBack { nonce: 0102030405060708, little-endian }.
    private static readonly byte[] s_nonce = Hex("09 09 0807060504030201");

    public static TheoryData<int> NonceSplits => SplitsOf(s_nonce);

    [Theory]
    [MemberData(nameof(NonceSplits))]
    public async Task OK_has_no_bytes(int split)
    {
        Client client = new(new DialBackResponse());
        await using InMemoryOpener opener = InMemoryOpener.To(IAutoNatDialBack.Protocol, client);
        await using P2PStream stream = await opener.DialAsync(IAutoNatDialBack.Protocol);

        await stream.SendSplitAsync(s_nonce, split);
        await stream.CloseWriteAsync();

        Assert.Equal([0], await stream.ReceiveAllAsync());
        Assert.Equal(0x0102030405060708ul, client.Nonce);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task A_message_of_no_bytes_is_a_reply()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/libp2p/autonat/2/dial-back", stream.Protocol.Value);
            Assert.Equal(s_nonce, await stream.ReceiveAllAsync());
            await stream.SendAsync(0);
        });

        DialBackResponse? reply = await IAutoNatDialBack.Protocol.CreateClient(opener).DialBackAsync(Nonce());

        Assert.Equal(DialBackResponse.Types.DialBackStatus.Ok, reply!.Status);
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_end_without_a_reply_is_none()
    {
        await using InMemoryOpener opener = new(async stream => await stream.ReceiveAllAsync());
        Assert.Null(await IAutoNatDialBack.Protocol.CreateClient(opener).DialBackAsync(Nonce()));

        await using InMemoryOpener served = InMemoryOpener.To(IAutoNatDialBack.Protocol, new Client(null));
        await using P2PStream stream = await served.DialAsync(IAutoNatDialBack.Protocol);
        await stream.SendAsync(s_nonce);
        Assert.Empty(await stream.ReceiveAllAsync());
        Assert.Equal([null], await served.RemotesAsync());
    }

    [Fact]
    public async Task A_reset_after_the_nonce_tells_that_the_nonce_was_sent()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            stream.Reset();
        });
        CallInfo info = new();

        await Assert.ThrowsAsync<StreamResetException>(
            async () => await IAutoNatDialBack.Protocol.CreateClient(opener).DialBackAsync(Nonce(), new CallContext(default, info: info)));

        Assert.Equal(10, info.BytesSent);
    }

    [Fact]
    public void It_runs_on_a_connection_that_its_initiator_dialled()
    {
        Assert.Equal(
            new ConnectionRequirement(LimitedConnections.Refuse, ConnectionOpener.Dialer, RelayedConnections.Refuse),
            IAutoNatDialBack.Protocol.Settings("DialBack").Request.Connection);
        Assert.Equal(10, IAutoNatDialBack.Protocol.Settings("DialBack").Limits.MaxSend);
    }

    private static DialBack Nonce() => new() { Nonce = 0x0102030405060708 };

    private sealed class Client(DialBackResponse? reply) : IAutoNatDialBack
    {
        public ulong Nonce { get; private set; }

        public ValueTask<DialBackResponse?> DialBackAsync(DialBack message, CallContext context = default)
        {
            Nonce = message.Nonce;
            return new(reply);
        }
    }
}
