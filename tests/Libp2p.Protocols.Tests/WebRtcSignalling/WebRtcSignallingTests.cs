using Libp2p.Protocols.WebRtcSignalling;
using Libp2p.TestKit.Calls;
using static Libp2p.TestKit.Calls.WireBytes;

namespace Libp2p.Protocols.Tests.WebRtcSignalling;

/// <summary>The declaration against a remote that is a script of bytes.</summary>
public sealed class WebRtcSignallingTests
{
    // SignallingMessage { type: SDP_OFFER, data: "v=0" }: SDP_OFFER is 0, and written.
    private static readonly byte[] s_offer = Hex("07 0800 1203763d30");

    // { type: SDP_ANSWER, data: "v=1" }, { type: ICE_CANDIDATE, data: "{}" }, and the end of the candidates.
    private static readonly byte[] s_answer = Hex("07 0801 1203763d31");
    private static readonly byte[] s_candidate = Hex("06 0802 12027b7d");
    private static readonly byte[] s_noMore = Hex("04 0802 1200");

    public static TheoryData<int> OfferSplits => SplitsOf([.. s_offer, .. s_candidate]);

    public static TheoryData<int> AnswerSplits => SplitsOf([.. s_answer, .. s_candidate, .. s_noMore]);

    [Theory]
    [MemberData(nameof(OfferSplits))]
    public async Task A_responder_answers_and_both_send_candidates(int split)
    {
        Browser browser = new();
        await using InMemoryOpener opener = InMemoryOpener.To(IWebRtcSignalling.Protocol, browser);
        await using P2PStream stream = await opener.DialAsync(IWebRtcSignalling.Protocol);

        await stream.SendSplitAsync([.. s_offer, .. s_candidate], split);
        Assert.Equal((byte[])[.. s_answer, .. s_candidate, .. s_noMore], await stream.ReceiveAsync(s_answer.Length + s_candidate.Length + s_noMore.Length));
        await stream.CloseWriteAsync(); // the direct connection stands

        Assert.Empty(await stream.ReceiveAllAsync());
        Assert.Equal(
            [(SignallingMessage.Types.Type.SdpOffer, "v=0"), (SignallingMessage.Types.Type.IceCandidate, "{}")],
            browser.Received.Select(message => (message.Type, message.Data)));
        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Theory]
    [MemberData(nameof(AnswerSplits))]
    public async Task An_initiator_offers(int split)
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            Assert.Equal("/webrtc-signaling/0.0.1", stream.Protocol.Value);
            Assert.Equal(s_offer, await stream.ReceiveAsync(s_offer.Length));
            await stream.SendSplitAsync([.. s_answer, .. s_candidate, .. s_noMore], split);
            Assert.Equal(s_candidate, await stream.ReceiveAllAsync());
        });
        await using (Dialogue<SignallingMessage, SignallingMessage> dialogue = await IWebRtcSignalling.Protocol.CreateClient(opener).OpenSignalAsync())
        {
            await dialogue.SendAsync(new SignallingMessage { Type = SignallingMessage.Types.Type.SdpOffer, Data = "v=0" });
            Assert.Equal((SignallingMessage.Types.Type.SdpAnswer, "v=1"), await ReceiveAsync());
            Assert.Equal((SignallingMessage.Types.Type.IceCandidate, "{}"), await ReceiveAsync());
            Assert.Equal((SignallingMessage.Types.Type.IceCandidate, ""), await ReceiveAsync());
            await dialogue.SendAsync(new SignallingMessage { Type = SignallingMessage.Types.Type.IceCandidate, Data = "{}" });
            await dialogue.CompleteAsync();

            async Task<(SignallingMessage.Types.Type Type, string Data)> ReceiveAsync()
            {
                SignallingMessage message = await dialogue.ReceiveAsync();
                return (message.Type, message.Data);
            }
        }

        Assert.Equal([null], await opener.RemotesAsync());
    }

    [Fact]
    public async Task An_absent_type_is_SDP_OFFER_and_none_is_sent_without()
    {
        await using InMemoryOpener opener = new(async stream => await stream.SendAsync(Hex("05 1203763d30")));
        await using Dialogue<SignallingMessage, SignallingMessage> dialogue = await IWebRtcSignalling.Protocol.CreateClient(opener).OpenSignalAsync();

        Assert.Equal(SignallingMessage.Types.Type.SdpOffer, (await dialogue.ReceiveAsync()).Type);
        await Assert.ThrowsAsync<ArgumentException>(async () => await dialogue.SendAsync(new SignallingMessage { Data = "v=0" }));
    }

    [Fact]
    public void It_runs_on_limited_connections() =>
        Assert.Equal(LimitedConnections.Allow, IWebRtcSignalling.Protocol.Settings("Signal").Request.Connection.Limited);

    /// <summary>Answers an offer, and sends one candidate.</summary>
    private sealed class Browser : IWebRtcSignalling
    {
        public List<SignallingMessage> Received { get; } = [];

        public async ValueTask SignalAsync(Dialogue<SignallingMessage, SignallingMessage> dialogue, CallContext context = default)
        {
            Received.Add(await dialogue.ReceiveAsync(context.CancellationToken));
            await dialogue.SendAsync(new SignallingMessage { Type = SignallingMessage.Types.Type.SdpAnswer, Data = "v=1" });
            await dialogue.SendAsync(new SignallingMessage { Type = SignallingMessage.Types.Type.IceCandidate, Data = "{}" });
            await dialogue.SendAsync(new SignallingMessage { Type = SignallingMessage.Types.Type.IceCandidate, Data = "" });
            while (await dialogue.TryReceiveAsync(context.CancellationToken) is { HasMessage: true } candidate)
            {
                Received.Add(candidate.Message);
            }
        }
    }
}
