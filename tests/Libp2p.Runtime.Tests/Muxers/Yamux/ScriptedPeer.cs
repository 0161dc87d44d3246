using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Muxers.Yamux;
using Libp2p.Scheduling;
using Libp2p.TestKit;

namespace Libp2p.Tests.Muxers.Yamux;

/// <summary>
/// The remote of a session, frame by frame. The session is the responder unless a test says otherwise, so the script opens odd
/// streams.
/// </summary>
internal sealed class ScriptedPeer : IAsyncDisposable
{
    public const int Window = YamuxOptions.ProtocolWindow;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private uint _lastPing = 0x7000_0000;

    public ScriptedPeer(
        YamuxOptions? options = null,
        ConnectionRole role = ConnectionRole.Responder,
        TimeProvider? time = null,
        TestScope? scope = null,
        long linkCapacity = 64 * 1024 * 1024,
        NodeScheduler? scheduler = null)
    {
        Scope = scope ?? new TestScope();
        (Link, SubjectLink) = new MemoryLinkPair(pauseAt: linkCapacity);
        Subject = (YamuxConnection)new YamuxMuxer(options).Attach(
            SubjectLink, new MuxerContext(role, TestSeams.On(scheduler ?? ThreadPoolScheduler.Instance, time), Scope));
    }

    public TestScope Scope { get; }

    /// <summary>Our end of the link.</summary>
    public MemoryLink Link { get; }

    /// <summary>The session's end of the link.</summary>
    public MemoryLink SubjectLink { get; }

    public YamuxConnection Subject { get; }

    public static FrameHeader Data(FrameFlags flags, uint stream, uint length) => new(FrameType.Data, flags, stream, length);

    public static FrameHeader Update(FrameFlags flags, uint stream, uint length = 0) => new(FrameType.WindowUpdate, flags, stream, length);

    public static FrameHeader Ping(FrameFlags flags, uint value) => new(FrameType.Ping, flags, 0, value);

    public static FrameHeader GoAway(uint code) => new(FrameType.GoAway, FrameFlags.None, 0, code);

    public static byte[] Encode(FrameHeader header, byte[]? body = null)
    {
        byte[] bytes = new byte[FrameHeader.Size + (body?.Length ?? 0)];
        header.Write(bytes);
        body?.CopyTo(bytes, FrameHeader.Size);
        return bytes;
    }

    public async Task SendAsync(params FrameHeader[] frames)
    {
        foreach (FrameHeader frame in frames)
        {
            frame.Write(Link.Output.GetSpan(FrameHeader.Size));
            Link.Output.Advance(FrameHeader.Size);
        }

        await Link.Output.FlushAsync().AsTask().WaitAsync(s_patience);
    }

    public Task SendDataAsync(uint stream, byte[] body, FrameFlags flags = FrameFlags.None) =>
        SendBytesAsync(Encode(Data(flags, stream, (uint)body.Length), body));

    public async Task SendBytesAsync(ReadOnlyMemory<byte> bytes) => await Link.Output.WriteAsync(bytes).AsTask().WaitAsync(s_patience);

    /// <summary>The next frame; null at the end of the link.</summary>
    public async Task<(FrameHeader Header, byte[] Body)?> TryReceiveAsync()
    {
        ReadResult read = await Link.Input.ReadAtLeastAsync(FrameHeader.Size).AsTask().WaitAsync(s_patience);
        if (read.Buffer.Length < FrameHeader.Size)
        {
            Assert.True(read.Buffer.IsEmpty, "The link ended inside a header.");
            Link.Input.AdvanceTo(read.Buffer.End);
            return null;
        }

        FrameHeader header = FrameHeader.Read(read.Buffer.Slice(0, FrameHeader.Size).ToArray());
        int length = FrameHeader.Size + (int)header.BodyLength;
        if (read.Buffer.Length < length)
        {
            Link.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            read = await Link.Input.ReadAtLeastAsync(length).AsTask().WaitAsync(s_patience);
            Assert.True(read.Buffer.Length >= length, "The link ended inside a body.");
        }

        byte[] body = read.Buffer.Slice(FrameHeader.Size, header.BodyLength).ToArray();
        Link.Input.AdvanceTo(read.Buffer.GetPosition(length));
        return (header, body);
    }

    public async Task<(FrameHeader Header, byte[] Body)> ReceiveAsync()
    {
        (FrameHeader Header, byte[] Body)? frame = await TryReceiveAsync();
        Assert.True(frame is not null, "The link ended where a frame was expected.");
        return frame.Value;
    }

    public async Task<byte[]> ExpectAsync(FrameHeader expected)
    {
        (FrameHeader header, byte[] body) = await ReceiveAsync();
        Assert.Equal(expected, header);
        return body;
    }

    /// <summary>Waits until the session has done with all that was sent; what it said meanwhile.</summary>
    public async Task<List<FrameHeader>> SettleAsync()
    {
        List<FrameHeader> frames = [];
        for (int i = 0; i < 2; i++) // a pong may overtake what streams have to say, the second one cannot
        {
            uint value = ++_lastPing;
            await SendAsync(Ping(FrameFlags.Syn, value));
            for (FrameHeader frame = default; frame != Ping(FrameFlags.Ack, value);)
            {
                (frame, _) = await ReceiveAsync();
                if (frame != Ping(FrameFlags.Ack, value))
                {
                    frames.Add(frame);
                }
            }
        }

        return frames;
    }

    /// <summary>The session must find fault with what was sent: it says so, hangs up, and can tell what was wrong.</summary>
    public async Task<EndReason> ExpectViolationAsync()
    {
        FrameHeader last = default;
        while (await TryReceiveAsync() is { } frame)
        {
            last = frame.Header;
        }

        Assert.Equal(GoAway(GoAwayCode.ProtocolError), last);
        await Link.Output.CompleteAsync();
        EndReason end = await Subject.Completion.WaitAsync(s_patience);
        Assert.Equal(EndedBy.Violation, end.By);
        Assert.Equal(ErrorCode.ProtocolViolation, end.Code);
        return end;
    }

    /// <summary>Opens a stream, and has it accepted.</summary>
    public async Task<IMuxedStream> OpenAsync(uint stream, uint credit = 0)
    {
        await SendAsync(Update(FrameFlags.Syn, stream, credit));
        IMuxedStream accepted = await AcceptAsync();
        Assert.Equal(stream, accepted.Id);
        Assert.Equal([Update(FrameFlags.Ack, stream)], await SettleAsync()); // it would leave a moment later by itself
        return accepted;
    }

    public async Task<IMuxedStream> AcceptAsync()
    {
        IMuxedStream? accepted = await Subject.AcceptStreamAsync(default).AsTask().WaitAsync(s_patience);
        Assert.NotNull(accepted);
        return accepted;
    }

    public async ValueTask DisposeAsync()
    {
        await Link.DisposeAsync();
        await Subject.DisposeAsync();
        Assert.Equal(0, Scope.Memory);
    }
}
