using Libp2p.Connections;
using Libp2p.Muxers.Yamux;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>The pure session as tables of <see cref="SessionTable"/>: frames, calls and time in; effects and frames out.</summary>
public sealed class SessionTableTests
{
    [Fact]
    public void A_request_and_its_answer_leave_in_one_batch_each()
    {
        new SessionTable(ConnectionRole.Initiator).Run("""
            open Yes                  |                        |
            close 1 100               |                        | SYN 1, DATA 1 100, FIN 1
            read 1                    |                        |
            < ACK 1                   | WakeOpener             |
            < DATA 1 20 FIN           | 1 WakeReader ReturnGrowth, Idle |
            """);
        new SessionTable(ConnectionRole.Responder).Run("""
            wait-to-accept            |                        |
            < SYN 1                   | WakeAcceptor           |
            accepted                  |                        |
            < DATA 1 100 FIN          |                        |
            flush 1 20                |                        |
            close 1 30                | 1 ReturnGrowth Release, Idle | ACK 1, DATA 1 50, FIN 1
            """);
    }

    [Fact]
    public void What_is_held_back_leaves_after_a_moment_or_when_the_application_waits_for_its_answer()
    {
        new SessionTable(ConnectionRole.Responder).Run("""
            < SYN 1                   |                        |
            accept                    |                        |
            +20ms                     |                        | ACK 1
            flush 1 20                |                        |
            +1ms                      |                        | DATA 1 20
            flush 1 20                |                        | DATA 1 20
            """);
        new SessionTable(ConnectionRole.Responder).Run("""
            < SYN 1                   |                        |
            accept                    |                        |
            flush 1 20                |                        |
            read 1                    |                        | ACK 1, DATA 1 20
            """);
        new SessionTable(ConnectionRole.Initiator).Run("""
            open Yes                  |                        |
            +20ms                     |                        | SYN 1
            flush 1 20                |                        | DATA 1 20
            """);
    }

    [Fact]
    public void Bytes_are_sent_within_the_windows_and_credited_when_half_was_consumed() =>
        new SessionTable(ConnectionRole.Responder).Run("""
            < SYN 1                   |                        |
            accept                    |                        |
            read 1                    |                        | ACK 1
            < DATA 1 131072           | 1 WakeReader           |
            consume 1 131071          |                        |
            consume 1 1               |                        | PING 1, CREDIT 1 131072
            < PONG 1                  |                        |
            flush 1 262144            |                        | DATA 1 65012, DATA 1 65012, DATA 1 65012, DATA 1 65012, DATA 1 2096
            flush 1 70000             |                        |
            < CREDIT 1 60000          |                        | DATA 1 60000
            < CREDIT 1 60000          | 1 WakeWriter           | DATA 1 10000
            """);

    [Fact]
    public void The_ends_of_a_stream()
    {
        const string Open = """
            < SYN 1                   |                        |
            accept                    |                        |
            +20ms                     |                        | ACK 1

            """;
        new SessionTable(ConnectionRole.Responder).Run(Open + """
            close 1 0                 |                        | FIN 1
            < FIN 1                   | 1 ReturnGrowth Release, Idle |
            """);
        new SessionTable(ConnectionRole.Responder).Run(Open + """
            < DATA 1 10               |                        |
            < RST 1 7                 | 1 ClearQueued ReturnGrowth Release, Idle |
            read 1 Ready              |                        |
            consume 1 10              |                        |
            read 1 WasReset           |                        |
            """);
        new SessionTable(ConnectionRole.Responder).Run(Open + """
            flush 1 10                |                        |
            reset 1 7                 | 1 ClearReceived ClearQueued ReturnGrowth Release, Idle | DATA 1 10, RST 1 7
            """);
        new SessionTable(ConnectionRole.Responder).Run(Open + """
            dispose 1                 | 1 ClearReceived        | FIN 1
            < DATA 1 131071           |                        |
            < DATA 1 1                |                        |
            +1s                       | 1 ClearReceived ClearQueued ReturnGrowth Release, Idle | RST 1
            """);
        new SessionTable(ConnectionRole.Responder).Run(Open + """
            < DATA 1 10 FIN           |                        |
            < DATA 1 1                | 1 ClearReceived ClearQueued ReturnGrowth Release, Idle | RST 1 4100
            """);
        new SessionTable(ConnectionRole.Initiator).Run("""
            open Yes                  |                        |
            reset 1 7                 | 1 ClearReceived ClearQueued ReturnGrowth, WakeOpener Idle |
            """);
    }

    [Fact]
    public void Streams_that_are_not_taken_up()
    {
        new SessionTable(ConnectionRole.Responder, new YamuxOptions { AcceptQueue = 1 }).Run("""
            < SYN 1                   |                        |
            < DATA 3 5 SYN            |                        | RST 3 4098
            < DATA 3 5                |                        |
            < RST 1                   | 1 ClearReceived ClearQueued ReturnGrowth Release, Idle |
            < DATA 5 5 SYN FIN        |                        |
            """);
        new SessionTable(ConnectionRole.Responder).Run("""
            no-memory                 |                        |
            < SYN 1                   |                        | RST 1 4098
            """);
        new SessionTable(ConnectionRole.Initiator, new YamuxOptions { AckBacklog = 1, MaxOutboundStreams = 1 }).Run("""
            open Yes                  |                        |
            open Wait                 |                        |
            < ACK 1                   | WakeOpener             |
            open TooMany              |                        |
            """);
    }

    [Fact]
    public void The_ends_of_a_session()
    {
        new SessionTable(ConnectionRole.Initiator).Run("""
            open Yes                  |                        |
            < GOAWAY 0                | WakeOpeners            |
            open Closed               |                        |
            close 1 5                 |                        | SYN 1, DATA 1 5, FIN 1
            < DATA 1 5 ACK FIN        | 1 ReturnGrowth, WakeOpener WakeOpeners Idle Ended |
            link-ended                |                        |
            """);
        new SessionTable(ConnectionRole.Responder).Run("""
            wait-to-accept            |                        |
            end 7                     | WakeAcceptor WakeOpeners Ended | GOAWAY 7
            +5s                       | AbortLink              |
            """);
        new SessionTable(ConnectionRole.Responder).Run("""
            < CREDIT 0 5              | WakeOpeners Ended      | GOAWAY 1
            """);
    }

    [Fact]
    public void Silence()
    {
        new SessionTable(ConnectionRole.Responder).Run("""
            +30s                      | Trim                   | PING 1
            < PONG 1                  |                        |
            +30s                      | Trim                   | PING 2
            +10s                      | WakeOpeners Ended AbortLink Trim |
            """);
        new SessionTable(ConnectionRole.Responder, new YamuxOptions { KeepAliveInterval = TimeSpan.MaxValue }).Run("""
            +4000000s                 |                        |
            """);
    }

    [Theory]
    [InlineData("< PING 1", 1000, 100)]
    [InlineData("< CREDIT 1 0 SYN RST", 20_000, 5_000)]
    public void Guards_tolerate_a_burst_and_a_rate(string frame, int burst, int rate)
    {
        YamuxSession session = new(ConnectionRole.Responder, YamuxOptions.Default, frequency: 1000, now: 0);
        string[] words = frame.Split(' ');
        FrameHeader header = words[1] == "PING" ? ScriptedPeer.Ping(FrameFlags.Syn, 1)
            : ScriptedPeer.Update(words.Length > 3 ? FrameFlags.Syn | FrameFlags.Rst : FrameFlags.Rst, 1);
        byte[] bytes = ScriptedPeer.Encode(header);
        Take(burst, 0);
        Assert.Throws<ProtocolViolationException>(() => Take(1, 0));
        Take(rate, 1000);
        Assert.Throws<ProtocolViolationException>(() => Take(1, 1000));

        void Take(int count, long now)
        {
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> input = bytes;
                Assert.Equal(TakeStep.Done, session.Take(ref input, out _, out _, now));
            }
        }
    }
}
