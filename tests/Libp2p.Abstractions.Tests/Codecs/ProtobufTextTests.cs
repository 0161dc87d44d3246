using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Libp2p.Codecs;
using Libp2p.Protocols.AutoNat;
using Libp2p.Protocols.Identify;
using Libp2p.Protocols.Rendezvous;
using Libp2p.Protocols.WebRtcSignalling;

namespace Libp2p.Tests.Codecs;

/// <summary>A text that is not UTF-8 is lost, and the message that holds it is not.</summary>
public sealed class ProtobufTextTests
{
    private static readonly byte[] s_bad = [(byte)'a', 0xff, (byte)'b'];

    [Fact]
    public void A_singular_text_is_absent_and_an_element_of_a_list_is_missing()
    {
        IdentifyMessage message = Read(IdentifyMessage.Parser,
            [.. Field(3, "/a"u8), .. Field(3, s_bad), .. Field(3, "/b"u8), .. Field(6, s_bad), .. Field(5, "1"u8), .. Field(2, s_bad)]);

        Assert.Equal(["/a", "/b"], message.Protocols);
        Assert.False(message.HasAgentVersion);
        Assert.Equal("1", message.ProtocolVersion);
        Assert.Equal(s_bad, Assert.Single(message.ListenAddrs)); // bytes may be anything
    }

    [Fact]
    public void Of_a_repeated_singular_text_the_last_good_one_stays() =>
        Assert.Equal("x", Read(IdentifyMessage.Parser, [.. Field(6, "w"u8), .. Field(6, "x"u8), .. Field(6, s_bad)]).AgentVersion);

    [Fact]
    public void Messages_within_messages_lose_their_text_alone()
    {
        RendezvousMessage register = Read(RendezvousMessage.Parser, [8, 0, .. Field(2, [.. Field(1, s_bad), .. Field(2, [1, 2]), 0x18, 60])]);
        AutoNatMessage response = Read(AutoNatMessage.Parser, [8, 1, .. Field(3, [8, 100, .. Field(2, s_bad), .. Field(3, [9])])]);
        SignallingMessage candidate = Read(SignallingMessage.Parser, [8, 2, .. Field(2, s_bad)]);

        Assert.False(register.Register.HasNs);
        Assert.Equal((60ul, 2), (register.Register.Ttl, register.Register.SignedPeerRecord.Length));
        Assert.False(response.DialResponse.HasStatusText);
        Assert.Equal((AutoNatMessage.Types.ResponseStatus.EDialError, 1), (response.DialResponse.Status, response.DialResponse.Addr.Length));
        Assert.Equal((SignallingMessage.Types.Type.IceCandidate, false), (candidate.Type, candidate.HasData));
    }

    [Fact]
    public void An_entry_of_a_map_is_dropped_whichever_half_is_bad()
    {
        byte[] text = Field(3, "v"u8); // Value.string_value
        Struct read = Read(Struct.Parser,
        [
            .. Field(1, [.. Field(1, "a"u8), .. Field(2, text)]),
            .. Field(1, [.. Field(1, s_bad), .. Field(2, text)]),
            .. Field(1, [.. Field(1, "c"u8), .. Field(2, Field(3, s_bad))]),
        ]);

        Assert.Equal("a", Assert.Single(read.Fields).Key);
    }

    [Fact]
    public void Good_text_of_every_length_and_unknown_fields_are_kept_as_they_are()
    {
        IdentifyMessage message = new() { AgentVersion = "é😀\ufffd", Protocols = { "", "/a" } };
        byte[] bytes = [.. message.ToByteArray(), .. Field(100, s_bad), 0x1b, 0x1c];

        Assert.Equal(IdentifyMessage.Parser.ParseFrom(bytes), Read(IdentifyMessage.Parser, bytes));
    }

    [Theory]
    [InlineData("32016161")] // a tag that does not end in a value
    [InlineData("3203ff")]
    [InlineData("3201ff" + "0a05")]
    [InlineData("3201ff" + "1c")]
    public void What_is_malformed_is_refused_with_bad_text_or_without(string hex) =>
        Assert.Throws<ProtocolViolationException>(() => Read(IdentifyMessage.Parser, Convert.FromHexString(hex)));

    [Fact]
    public void Text_is_found_at_every_split_of_the_bytes()
    {
        byte[] bytes = [.. Field(3, "/a"u8), .. Field(6, s_bad)];
        for (int split = 0; split <= bytes.Length; split++)
        {
            IdentifyMessage message = Codec.Protobuf(IdentifyMessage.Parser).Read(Sequences.Split(bytes, split), 100);
            Assert.Equal((1, false), (message.Protocols.Count, message.HasAgentVersion));
        }
    }

    private static T Read<T>(MessageParser<T> parser, byte[] bytes)
        where T : class, IMessage<T>, new() => Codec.Protobuf(parser).Read(new ReadOnlySequence<byte>(bytes), 100);

    private static byte[] Field(int number, ReadOnlySpan<byte> value)
    {
        ArrayBufferWriter<byte> output = new();
        Libp2p.Protobuf.ProtobufFieldWriter.WriteField(output, number, value);
        return output.WrittenSpan.ToArray();
    }
}
