using System.Globalization;
using System.Text.Json;
using Libp2p.Muxers.Yamux;

namespace Libp2p.Tests.Muxers.Yamux;

public sealed class FrameTests
{
    private static readonly JsonElement s_vectors = VectorFile.Read("yamux", "frames.json");

    public static TheoryData<string, string, string, uint, uint> Headers()
    {
        TheoryData<string, string, string, uint, uint> rows = [];
        foreach (JsonElement row in s_vectors.GetProperty("headers").EnumerateArray())
        {
            rows.Add(
                row.GetProperty("header_hex").GetString()!,
                row.GetProperty("type").GetString()!.Replace("_", "", StringComparison.Ordinal),
                string.Join(',', row.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString())),
                row.GetProperty("stream_id").GetUInt32(),
                row.GetProperty("length").GetUInt32());
        }

        return rows;
    }

    public static TheoryData<string> Refused() =>
        [.. s_vectors.GetProperty("must_refuse").EnumerateArray().Select(row => row.GetProperty("header_hex").GetString()!)];

    [Theory]
    [MemberData(nameof(Headers))]
    public void Headers_are_read_and_written_as_others_do(string hex, string type, string flags, uint stream, uint length)
    {
        FrameHeader header = new(
            Enum.Parse<FrameType>(type, ignoreCase: true),
            flags.Length == 0 ? FrameFlags.None : Enum.Parse<FrameFlags>(flags, ignoreCase: true),
            stream,
            length);
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(header, FrameHeader.Read(bytes));
        Assert.Equal(bytes, ScriptedPeer.Encode(header));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    [InlineData("00ff00000000000000000000")]
    [InlineData("ff0000000000000000000000")]
    public void Unknown_versions_and_types_are_refused(string hex) =>
        Assert.Throws<ProtocolViolationException>(() => FrameHeader.Read(Convert.FromHexString(hex)));

    [Fact]
    public void The_constants_are_those_of_the_specification()
    {
        JsonElement constants = s_vectors.GetProperty("constants");
        Assert.Equal(FrameHeader.Size, constants.GetProperty("header_size").GetInt32());
        Assert.Equal(YamuxOptions.ProtocolWindow, constants.GetProperty("initial_window").GetInt32());
        Assert.Equal(GoAwayCode.ProtocolError, constants.GetProperty("go_away").GetProperty("protocol_error").GetUInt32());
        Assert.Equal(GoAwayCode.InternalError, constants.GetProperty("go_away").GetProperty("internal_error").GetUInt32());
        Assert.Equal("/yamux/1.0.0", new YamuxMuxer().Id.Value);
    }

    [Fact]
    public void Flags_that_nobody_defined_are_let_through() =>
        Assert.True(FrameHeader.Read(Convert.FromHexString("0001fff10000000100000000")).Has(FrameFlags.Syn));

    [Fact]
    public void Frames_are_found_wherever_the_bytes_are_split()
    {
        byte[] flow = Flow();
        List<string> whole = Decode([flow]);
        Assert.Equal(9, whole.Count(step => step.StartsWith("Frame", StringComparison.Ordinal)));
        for (int first = 0; first <= flow.Length; first++)
        {
            for (int second = first; second <= flow.Length; second++)
            {
                Assert.Equal(whole, Decode([flow[..first], flow[first..second], flow[second..]]));
            }
        }

        Assert.Equal(whole, Decode([.. flow.Select(one => new[] { one })]));
    }

    [Fact]
    public void A_decoder_knows_whether_it_stands_between_frames()
    {
        FrameDecoder decoder = default;
        Assert.True(decoder.IsBetweenFrames);
        ReadOnlySpan<byte> bytes = ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.None, 1, 2), [1, 2]);
        for (int i = 0; i < bytes.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i, 1);
            while (decoder.Next(ref one, out _) != FrameStep.NeedMore)
            {
            }

            Assert.Equal(i == bytes.Length - 1, decoder.IsBetweenFrames);
        }
    }

    private static byte[] Flow() =>
    [
        .. ScriptedPeer.Encode(ScriptedPeer.Update(FrameFlags.Syn, 1)),
        .. ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.None, 1, 5), [1, 2, 3, 4, 5]),
        .. ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.Syn | FrameFlags.Fin, 3, 1), [6]),
        .. ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.Fin, 1, 0)),
        .. ScriptedPeer.Encode(ScriptedPeer.Ping(FrameFlags.Syn, 42)),
        .. ScriptedPeer.Encode(ScriptedPeer.Ping(FrameFlags.Ack, 7)),
        .. ScriptedPeer.Encode(ScriptedPeer.Update(FrameFlags.Rst, 3, 0x1001)),
        .. ScriptedPeer.Encode(ScriptedPeer.Data(FrameFlags.None, 9, 14), new byte[14]),
        .. ScriptedPeer.Encode(ScriptedPeer.GoAway(0)),
    ];

    // What was found, with the pieces of each body joined.
    private static List<string> Decode(IEnumerable<byte[]> pieces)
    {
        List<string> steps = [];
        FrameDecoder decoder = default;
        string body = "";
        foreach (byte[] piece in pieces)
        {
            ReadOnlySpan<byte> input = piece;
            while (true)
            {
                FrameStep step = decoder.Next(ref input, out ReadOnlySpan<byte> bytes);
                if (step == FrameStep.NeedMore)
                {
                    Assert.True(input.IsEmpty);
                    break;
                }

                if (step == FrameStep.Header)
                {
                    steps.Add(string.Create(CultureInfo.InvariantCulture, $"Frame {decoder.Frame}"));
                    continue;
                }

                Assert.False(bytes.IsEmpty);
                body += Convert.ToHexString(bytes);
                if (decoder.BodyLeft == 0)
                {
                    steps.Add("Body " + body);
                    body = "";
                }
            }
        }

        return steps;
    }
}
