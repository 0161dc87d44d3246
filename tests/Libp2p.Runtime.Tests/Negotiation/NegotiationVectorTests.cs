using System.Buffers;
using System.Text.Json;
using Libp2p.Negotiation;

namespace Libp2p.Tests.Negotiation;

/// <summary>The transcripts of multistream-select, in both roles and at every split of the bytes.</summary>
public sealed class NegotiationVectorTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("multistream", "transcripts.json");

    public static TheoryData<string> Names => [.. Transcripts.Keys];

    private static Dictionary<string, JsonElement> Transcripts =>
        s_vectors.GetProperty("negotiations").EnumerateArray().ToDictionary(n => n.Text("name"));

    [Fact]
    public void Messages_of_ids_are_those_of_the_vectors()
    {
        foreach (JsonElement frame in s_vectors.GetProperty("frames").EnumerateArray())
        {
            Assert.Equal(frame.Hex("hex"), new ProtocolId(frame.Text("text")).Message.ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_responder_says_what_the_transcript_says(string name)
    {
        JsonElement transcript = Transcripts[name];

        foreach (ReadOnlySequence<byte> received in Splits.OfEachKind(Said(transcript, "initiator")))
        {
            ResponderNegotiation<string> responder = new(Table(transcript));
            ArrayBufferWriter<byte> replies = new();
            responder.Start(replies);

            if (transcript.TryGetProperty("error", out _))
            {
                Assert.Throws<ProtocolViolationException>(() => FeedInSegments(responder, received, replies));
                continue;
            }

            FeedInSegments(responder, received, replies);
            Assert.Equal(Said(transcript, "responder"), replies.WrittenSpan.ToArray());
            Assert.Equal(transcript.GetProperty("selected").GetString(), responder.Agreed?.Id.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_initiator_says_what_the_transcript_says(string name)
    {
        JsonElement transcript = Transcripts[name];

        if (transcript.TryGetProperty("error", out _))
        {
            return; // an initiator that says something else
        }

        foreach (ReadOnlySequence<byte> received in Splits.OfEachKind(Said(transcript, "responder")))
        {
            InitiatorNegotiation initiator = new(Offers(transcript));
            ArrayBufferWriter<byte> said = new();
            initiator.Start(said);
            FeedInSegments(initiator, received, said);

            Assert.Equal(Said(transcript, "initiator"), said.WrittenSpan.ToArray());
            Assert.Equal(transcript.GetProperty("selected").GetString(), initiator.Agreed?.Value);
        }
    }

    [Fact]
    public void Lengths_of_three_bytes_and_lengths_over_the_limit_are_refused()
    {
        Assert.Throws<ProtocolViolationException>(() => TryRead("81810100000000"));
        Assert.Throws<ProtocolViolationException>(() => TryRead(s_vectors.GetProperty("large_frame").Text("prefix_hex")));
        Assert.Throws<ProtocolViolationException>(() => TryRead("8108")); // 1,025
        Assert.Throws<ProtocolViolationException>(() => TryRead("8100")); // 1, not minimal
        Assert.Throws<ProtocolViolationException>(() => TryRead("00"));
        Assert.Throws<ProtocolViolationException>(() => TryRead("0161"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("89")]
    [InlineData("8008")]
    [InlineData("05")]
    [InlineData("05090807")]
    public void Messages_cut_short_wait_for_more(string hex) => Assert.False(TryRead(hex));

    private static bool TryRead(string hex) =>
        Multistream.TryRead(new(Convert.FromHexString(hex)), new byte[Multistream.MaxFrame], out _, out _);

    /// <summary>Hands over one segment more at a time, as a pipe would.</summary>
    private static void FeedInSegments(Libp2p.Negotiation.Negotiation negotiation, ReadOnlySequence<byte> all, ArrayBufferWriter<byte> replies)
    {
        long consumed = 0;
        long seen = 0;

        foreach (ReadOnlyMemory<byte> segment in all)
        {
            seen += segment.Length;
            NegotiationProgress progress = negotiation.Advance(all.Slice(consumed, seen - consumed), replies);
            consumed += progress.Consumed;

            if (progress.Done)
            {
                return;
            }
        }
    }

    private static byte[] Said(JsonElement transcript, string role) =>
    [
        .. transcript.GetProperty("exchange").EnumerateArray()
            .Where(turn => turn[0].GetString() == role)
            .SelectMany(turn => Convert.FromHexString(turn[1].GetString()!)),
    ];

    private static List<ProtocolId> Offers(JsonElement transcript)
    {
        ReadOnlySequence<byte> said = new(Said(transcript, "initiator"));
        List<ProtocolId> offers = [];

        while (Multistream.TryRead(said, new byte[Multistream.MaxFrame], out ReadOnlySpan<byte> text, out int length))
        {
            offers.Add(System.Text.Encoding.UTF8.GetString(text));
            said = said.Slice(length);
        }

        return offers[1..];
    }

    private static ProtocolTable<string> Table(JsonElement transcript) => new(
        transcript.GetProperty("responder_supports").EnumerateArray().Select(id => new Agreed<string>(id.GetString()!, id.GetString()!)));
}
