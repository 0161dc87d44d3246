using System.Globalization;
using Libp2p.Connections;
using Libp2p.Muxers.Yamux;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>
/// A session without a driver: each row of a table is one input, what the driver has to do about it, and the frames that it writes.
/// <code>
/// in                        | effects                | frames
/// </code>
/// In: a frame of the remote's (<c>&lt; DATA 1 5 FIN</c>), a call of the application (<c>flush 1 100</c>), or time (<c>+30s</c>). The session
/// is the responder unless a table says otherwise. Memory is granted unless a row says <c>no-memory</c> first.
/// </summary>
internal sealed class SessionTable(ConnectionRole role, YamuxOptions? options = null)
{
    private readonly YamuxSession _session = new(role, options ?? YamuxOptions.Default, frequency: 1000, now: 0);
    private readonly Dictionary<uint, SessionStream> _streams = [];
    private long _now;
    private bool _hasMemory = true;

    /// <summary>Runs the table, and compares each row.</summary>
    public void Run(string table)
    {
        string[] rows = table.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        List<string> done = [];
        foreach (string row in rows)
        {
            string input = row.Split('|')[0].Trim();
            Do(input.Split(' '));
            string frames = Frames();
            done.Add($"{input} | {Effects()} | {frames}".TrimEnd());
        }

        Assert.Equal(
            string.Join('\n', rows.Select(row => string.Join(" | ", row.Split('|').Select(cell => cell.Trim())).TrimEnd())),
            string.Join('\n', done));
    }

    private void Do(string[] words)
    {
        switch (words[0])
        {
            case "<":
                Receive(words[1..]);
                break;
            case "no-memory":
                _hasMemory = false;
                break;
            case "open":
                Assert.Equal(Enum.Parse<OpenAnswer>(words[1]), _session.TryOpen(isFirst: true, out SessionStream? opened, _now));
                Remember(opened);
                break;
            case "accept":
                Remember(_session.TryAccept(_now));
                break;
            case "wait-to-accept":
                _session.WaitToAccept();
                break;
            case "accepted":
                Remember(_session.TakeAccepted());
                break;
            case "end":
                _session.End(new EndReason(EndedBy.Local, new ErrorCode(Number(words[1])), "We leave"), WriterEnding.InOrder(Number(words[1])), _now);
                break;
            case "link-ended":
                _session.OnLinkEnd(null, null, hasWriteFailed: false, _now);
                break;
            case ['+', .. string time]:
                _now += time.EndsWith("ms", StringComparison.Ordinal) ? Number(time[..^2]) : 1000 * Number(time[..^1]);
                _session.OnTime(null, _now);
                break;
            default:
                Use(_streams[Number(words[1])], words);
                break;
        }
    }

    private void Use(SessionStream stream, string[] words)
    {
        int count = words.Length > 2 && words[0] != "read" ? (int)Number(words[2]) : 0;
        switch (words[0])
        {
            case "flush":
                stream.Flush(count, waitsForEmpty: false, _now);
                if (stream.AskToFlush() == WaitOutcome.Wait)
                {
                    stream.WaitToFlush();
                }

                break;
            case "close":
                stream.CloseWrite(count, _now);
                break;
            case "read":
                Assert.Equal(words.Length > 2 ? Enum.Parse<WaitOutcome>(words[2]) : WaitOutcome.Wait, stream.AskToRead());
                if (words.Length == 2)
                {
                    stream.WaitToRead();
                }

                break;
            case "consume":
                stream.Lend();
                if (stream.Consume(count, count, _now) is > 0 and int growth)
                {
                    stream.GrowOrCredit(growth, _now);
                }

                break;
            case "stop-reading":
                stream.CloseRead(ErrorCode.None, _now);
                break;
            case "reset":
                stream.Reset(new EndReason(EndedBy.Local, new ErrorCode((uint)count), "Enough"), _now);
                break;
            case "dispose":
                stream.CloseWrite(0, _now);
                stream.CloseRead(ErrorCode.None, _now);
                stream.Abandon(_now);
                break;
            default:
                throw new ArgumentException($"Unknown input '{words[0]}'.");
        }
    }

    private void Receive(string[] words)
    {
        uint number = words.Length > 1 ? Number(words[1]) : 0;
        uint length = words.Length > 2 ? Number(words[2]) : 0;
        FrameFlags flags = words.Skip(3).Aggregate(FrameFlags.None, (all, word) => all | Enum.Parse<FrameFlags>(word, ignoreCase: true));
        FrameHeader header = words[0] switch
        {
            "DATA" => new FrameHeader(FrameType.Data, flags, number, length),
            "CREDIT" => new FrameHeader(FrameType.WindowUpdate, flags, number, length),
            "PING" => new FrameHeader(FrameType.Ping, FrameFlags.Syn, 0, number),
            "PONG" => new FrameHeader(FrameType.Ping, FrameFlags.Ack, 0, number),
            "GOAWAY" => new FrameHeader(FrameType.GoAway, FrameFlags.None, 0, number),
            _ => new FrameHeader(FrameType.WindowUpdate, Enum.Parse<FrameFlags>(words[0], ignoreCase: true), number, length),
        };
        ReadOnlySpan<byte> bytes = ScriptedPeer.Encode(header, new byte[header.BodyLength]);
        try
        {
            while (_session.Take(ref bytes, out ReadOnlySpan<byte> body, out SessionStream? stream, _now) is var step && step != TakeStep.Done)
            {
                if (step == TakeStep.Admit)
                {
                    _session.Admit(_hasMemory, _now);
                }
                else
                {
                    _session.Kept(stream!, _hasMemory ? body.Length : 0, _hasMemory, _now);
                }
            }
        }
        catch (ProtocolViolationException violation)
        {
            _session.End(violation.Reason, WriterEnding.GoAwayAtOnce(GoAwayCode.ProtocolError), _now);
        }
    }

    private string Effects()
    {
        SessionEffects effects = _session.TakeEffects();
        IEnumerable<string> streams = Enumerable.Range(0, effects.Count)
            .Select(i => effects[i])
            .Select(effect => $"{effect.Stream.StreamId} {effect.Effects}".Replace(",", "", StringComparison.Ordinal));
        IEnumerable<string> own = effects.Connection == ConnectionEffects.None ? [] : [effects.Connection.ToString().Replace(",", "", StringComparison.Ordinal)];
        return string.Join(", ", streams.Concat(own));
    }

    // What a driver writes now, if it is to write at all.
    private string Frames()
    {
        List<PlannedFrame> frames = [];
        for (bool isLast = false; _session.IsWriteDue && !isLast;)
        {
            List<PlannedFrame> batch = [];
            isLast = _session.PlanBatch(batch, _now);
            batch.ForEach(frame => frame.Source?.Copied());
            frames.AddRange(batch);
        }

        return string.Join(", ", frames.Select(frame => Name(frame.Header)));
    }

    private static string Name(FrameHeader frame) => (frame.Type, frame.Flags) switch
    {
        (FrameType.Data, _) => $"DATA {frame.StreamId} {frame.Length}",
        (FrameType.Ping, FrameFlags.Ack) => $"PONG {frame.Length}",
        (FrameType.Ping, _) => $"PING {frame.Length}",
        (FrameType.GoAway, _) => $"GOAWAY {frame.Length}",
        (_, FrameFlags.None) => $"CREDIT {frame.StreamId} {frame.Length}",
        _ => $"{frame.Flags.ToString().ToUpperInvariant()} {frame.StreamId}" + (frame.Length > 0 ? $" {frame.Length}" : ""),
    };

    private void Remember(SessionStream? stream)
    {
        if (stream is not null)
        {
            _streams[stream.StreamId] = stream;
        }
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
