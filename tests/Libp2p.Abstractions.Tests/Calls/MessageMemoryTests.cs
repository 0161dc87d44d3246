using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Libp2p.Codecs;
using Libp2p.Limits;
using Libp2p.Muxers;
using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

/// <summary>What a remote can make us hold of messages is counted before it is held, and given back.</summary>
public sealed class MessageMemoryTests : IDisposable
{
    private readonly Scope _scope = new();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public async Task Half_a_message_is_counted_as_it_arrives_and_not_as_it_was_promised()
    {
        Pipe pipe = Unbounded();
        using Exchange exchange = NoExchange();
        FrameReader reader = Reader(pipe, limit: 8 * Size.MiB);
        Task<bool> reading = reader.ReadAsync(exchange, default).AsTask();

        await pipe.Writer.WriteAsync(new byte[] { 0x80, 0x80, 0x80, 0x04 }); // 8 MiB are to come
        await Eventually.HoldsAsync(() => reader.IsInsideFrame);
        Assert.Equal(0, _scope.Taken);
        for (int i = 0; i < 20; i++)
        {
            await pipe.Writer.WriteAsync(new byte[50_000]);
        }

        await Eventually.HoldsAsync(() => _scope.Taken >= 1_000_000);
        Assert.InRange(_scope.Taken, 1_000_000, 1_000_000 + MessageBytes.MaxPiece);

        await pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<ProtocolViolationException>(() => reading);
        reader.Dispose();
        Assert.Equal(0, _scope.Taken);
    }

    [Fact]
    public void Refused_memory_names_the_operation_the_bytes_and_the_bound_that_its_scope_names()
    {
        _scope.Ceiling = 10;
        _scope.Bound = "the peer's connections hold as much as they may (ResourceLimits.MemoryPerPeer)";

        LimitExceededException e = Assert.Throws<LimitExceededException>(() => new MessageMemory(_scope, "/test").Take(11, "a message"));

        Assert.Equal($"/test: no memory for 11 bytes of a message: {_scope.Bound}", e.Message);
    }

    [Fact]
    public async Task A_message_for_which_there_is_no_memory_is_refused_and_names_the_operation_and_the_bounds()
    {
        _scope.Ceiling = 300_000;
        Pipe pipe = Unbounded();
        using Exchange exchange = NoExchange();
        FrameReader reader = Reader(pipe, limit: 8 * Size.MiB);
        await pipe.Writer.WriteAsync(new byte[] { 0x80, 0x80, 0x80, 0x04 });
        await pipe.Writer.WriteAsync(new byte[400_000]);

        LimitExceededException e = await Assert.ThrowsAsync<LimitExceededException>(async () => await reader.ReadAsync(exchange, default));

        Assert.Contains("/test", e.Message, StringComparison.Ordinal);
        Assert.Contains("ResourceLimits.Memory", e.Message, StringComparison.Ordinal);
        Assert.True(_scope.Most <= 300_000);
        reader.Dispose();
        Assert.Equal(0, _scope.Taken);
    }

    [Fact]
    public async Task A_message_in_its_handlers_hands_is_counted_until_the_next_one_is_read()
    {
        TaskCompletionSource served = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Talk talk = new()
        {
            OnAsk = async (question, _) =>
            {
                served.TrySetResult();
                await goOn.Task;
                return question[..10];
            },
        };
        (P2PStream initiator, P2PStream inbound, Task serving) = Serve(IAgain.Protocol.With("Ask", limits => limits with { MaxRequest = Size.MiB }).CreateHandlers(talk)[0]);

        Task sending = initiator.SendAsync(Framed(500_000));
        await served.Task;
        Assert.Equal(500_000, _scope.Taken);
        goOn.SetResult();

        Assert.Equal(11, (await initiator.ReceiveAsync(11)).Length);
        await sending;
        await Eventually.HoldsAsync(() => _scope.Taken == 0);
        await initiator.CloseWriteAsync();
        await initiator.DisposeAsync();
        await serving;
        await inbound.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_whose_message_finds_no_memory_is_reset_with_the_limits_code()
    {
        _scope.Ceiling = 100_000;
        (P2PStream initiator, P2PStream inbound, Task serving) = Serve(
            ITalk.Protocol.With("Ask", limits => limits with { MaxRequest = Size.MiB }).CreateHandlers(new Talk()).First(handler => handler.Ids[0].Value.EndsWith("/ask", StringComparison.Ordinal)));

        Task sending = initiator.SendAsync(Framed(500_000));

        await Assert.ThrowsAsync<LimitExceededException>(() => serving);
        Assert.Equal(ErrorCode.ResourceLimitExceeded, inbound.End?.Code);
        Assert.Equal(EndedBy.Limit, inbound.End?.By);
        await Record.ExceptionAsync(() => sending); // which may have been done before
        Assert.Equal(0, _scope.Taken);
        await initiator.DisposeAsync();
        await inbound.DisposeAsync();
    }

    [Fact]
    public async Task Frames_that_are_merged_are_counted_together()
    {
        InMemoryStreamPair pair = new(window: 4 * Size.MiB);
        P2PStream inbound = Inbound(pair, "/merged");
        using Exchange exchange = NoExchange();
        using MessageReader<string> reader = new(inbound, Codec.Text, MessageFraming.Varint, 200_000, exchange);
        P2PStream initiator = new(pair.Initiator, "/merged", null, TimeProvider.System);
        for (int i = 0; i < 5; i++)
        {
            await initiator.SendAsync(Framed(100_000));
        }

        await initiator.CloseWriteAsync();
        Received<string> merged = await reader.ReadMergedAsync(5, default);

        Assert.Equal(500_000, merged.Message.Length);
        Assert.InRange(_scope.Most, 500_000, 2_000_000);
        reader.Dispose();
        Assert.Equal(0, _scope.Taken);
    }

    [Fact]
    public async Task A_long_message_of_bytes_is_sent_from_where_it_is()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 100_000, useSynchronizationContext: false));
        FrameWriter writer = new(pipe.Writer, MessageFraming.Varint, new FrameRules("/test", Size.MiB), _scope);

        int length = writer.Write(new byte[1_000_000], Codec.Memory);
        Task<FlushResult> flushing = writer.FlushAsync(default).AsTask();
        byte[] wire = await ReadAsync(pipe.Reader, length);
        await flushing;

        Assert.Equal(Framed(1_000_000, 0), wire);
        Assert.False(writer.IsBroken);
        Assert.Equal(0, _scope.Most);
    }

    [Fact]
    public async Task Any_other_long_message_is_counted_while_it_is_sent()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 100_000, useSynchronizationContext: false));
        FrameWriter writer = new(pipe.Writer, MessageFraming.Line, new FrameRules("/test", Size.MiB), _scope);
        string text = new('x', 1_000_000);

        int length = writer.Write(text, Codec.Text);
        Assert.InRange(_scope.Taken, 1_000_000, 1_100_000 + MessageBytes.MaxPiece);
        Task<FlushResult> flushing = writer.FlushAsync(default).AsTask();
        byte[] wire = await ReadAsync(pipe.Reader, length);
        await flushing;

        Assert.Equal(text + "\n", System.Text.Encoding.UTF8.GetString(wire));
        Assert.Equal(0, _scope.Taken);
    }

    [Fact]
    public void A_long_message_for_which_there_is_no_memory_leaves_nothing_in_the_pipe()
    {
        _scope.Ceiling = 500_000;
        Pipe pipe = Unbounded();
        FrameWriter writer = new(pipe.Writer, MessageFraming.Varint, new FrameRules("/test", Size.MiB), _scope);

        Assert.Throws<LimitExceededException>(() => writer.Write(new string('x', 1_000_000), Codec.Text));

        Assert.False(writer.IsBroken);
        Assert.Equal(0, _scope.Taken);
        Assert.Equal(2, writer.Write("x", Codec.Text)); // the next message can be sent
    }

    [Fact]
    public async Task A_long_message_that_is_given_up_half_way_breaks_the_stream()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 100_000, useSynchronizationContext: false));
        FrameWriter writer = new(pipe.Writer, MessageFraming.Varint, new FrameRules("/test", Size.MiB), _scope);
        using CancellationTokenSource impatience = new();

        writer.Write(new string('x', 1_000_000), Codec.Text);
        Task<FlushResult> flushing = writer.FlushAsync(impatience.Token).AsTask();
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing);
        Assert.True(writer.IsBroken);
        Assert.Equal(0, _scope.Taken);
    }

    [Fact]
    public async Task A_message_longer_than_a_window_goes_there_and_back()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(Long(ITalk.Protocol), new Talk());
        string text = new('x', 900_000);

        Assert.Equal(text, await Long(ITalk.Protocol).CreateClient(opener).AskAsync(text));
        Assert.Equal([null], await opener.RemotesAsync());

        static Protocol<ITalk> Long(Protocol<ITalk> protocol) =>
            protocol.With("Ask", limits => limits with { MaxRequest = Size.MiB, MaxResponse = Size.MiB });
    }

    private FrameReader Reader(Pipe pipe, int limit) => new(pipe.Reader, MessageFraming.Varint, new FrameRules("/test", limit), scope: _scope);

    private P2PStream Inbound(InMemoryStreamPair pair, ProtocolId protocol) => new(pair.Responder, protocol, null, TimeProvider.System, _scope);

    private (P2PStream Initiator, P2PStream Inbound, Task Serving) Serve(StreamHandler handler)
    {
        InMemoryStreamPair pair = new();
        P2PStream inbound = Inbound(pair, handler.Ids[0]);
        return (new P2PStream(pair.Initiator, handler.Ids[0], null, TimeProvider.System), inbound, handler.HandleAsync(inbound, default).AsTask());
    }

    private static byte[] Framed(int length, byte content = (byte)'x')
    {
        ArrayBufferWriter<byte> wire = new();
        MessageFraming.Varint.WritePrefix(length, wire);
        wire.GetSpan(length)[..length].Fill(content);
        wire.Advance(length);
        return wire.WrittenSpan.ToArray();
    }

    private static async Task<byte[]> ReadAsync(PipeReader input, int length)
    {
        ReadResult read = await input.ReadAtLeastAsync(1);
        using MemoryStream all = new();
        while (true)
        {
            foreach (ReadOnlyMemory<byte> memory in read.Buffer)
            {
                all.Write(memory.Span);
            }

            input.AdvanceTo(read.Buffer.End);
            if (all.Length >= length)
            {
                return all.ToArray();
            }

            read = await input.ReadAsync();
        }
    }

    private static Pipe Unbounded() => new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));

    private static Exchange NoExchange() => new("test", OperationLimits.Default, null, TimeProvider.System, default);

    private sealed class Scope : IStreamLease
    {
        private readonly Lock _gate = new();

        public long Ceiling { get; set; } = long.MaxValue;

        public long Taken { get; private set; }

        public long Most { get; private set; }

        public ResourceScopeKind Kind => ResourceScopeKind.Stream;

        public string Name => "test";

        public ResourceUsage Usage => new(Taken, 0, 0, 0, 0);

        public void Attach(P2PStream stream)
        {
        }

        public string Bound { get; set; } = "it is full (ResourceLimits.Memory)";

        public bool TryReserveMemory(long bytes, [NotNullWhen(false)] out string? refusal)
        {
            bool isTaken = TryReserveMemory(bytes);
            refusal = isTaken ? null : Bound;
            return isTaken;
        }

        public bool TryReserveMemory(long bytes)
        {
            lock (_gate)
            {
                if (Taken + bytes > Ceiling)
                {
                    return false;
                }

                Taken += bytes;
                Most = Math.Max(Most, Taken);
                return true;
            }
        }

        public bool TryAttribute(ProtocolId protocol, [NotNullWhen(false)] out string? refusal)
        {
            refusal = null;
            return true;
        }

        public ValueTask EnterAsync(OperationBound bound, CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }

        public void ReleaseMemory(long bytes)
        {
            lock (_gate)
            {
                Taken -= bytes;
                Assert.True(Taken >= 0);
            }
        }
    }
}
