using Libp2p.TestKit.Calls;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Calls;

public sealed class UnaryTests
{
    [Fact]
    public async Task A_request_is_answered()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnAsk = (question, _) => new(question + "!") });

        Assert.Equal("hello!", await ITalk.Protocol.CreateClient(opener).AskAsync("hello"));
        Assert.Equal([null], await opener.RemotesAsync());
        Assert.True(opener.Opened[0].End!.IsClean);
    }

    [Fact]
    public async Task The_initiator_sends_the_request_and_its_end_and_the_responder_the_response_and_its_end()
    {
        await using InMemoryOpener scripted = new(async stream =>
        {
            Assert.Equal("/talk/1.1.0/ask", stream.Protocol.Value);
            Assert.Equal(Wire.Frame("hello"), await stream.ReceiveAllAsync());
            await stream.DripAsync(Wire.Frame("world"));
        });
        Assert.Equal("world", await ITalk.Protocol.CreateClient(scripted).AskAsync("hello"));
        Assert.Equal([null], await scripted.RemotesAsync());

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        await using P2PStream initiator = await served.OpenAsync("Ask");
        await initiator.DripAsync(Wire.Frame("hello"));
        Assert.Equal(Wire.Frame("hello"), await initiator.ReceiveAllAsync()); // and our direction is still open
    }

    [Fact]
    public async Task A_message_of_no_bytes_is_a_message()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        Assert.Equal("", await ITalk.Protocol.CreateClient(opener).AskAsync(""));
        Assert.Equal("", await ITalk.Protocol.CreateClient(opener).MaybeAsync(""));
    }

    [Fact]
    public async Task No_reply_is_null_where_it_may_be_and_a_violation_elsewhere()
    {
        await using InMemoryOpener opener = new(Wire.Answers());
        ITalk client = ITalk.Protocol.CreateClient(opener);

        Assert.Null(await client.MaybeAsync("?"));
        ProtocolViolationException e = await Assert.ThrowsAsync<ProtocolViolationException>(async () => await client.AskAsync("?"));
        Assert.Contains("/talk/1.1.0/ask", e.Message, StringComparison.Ordinal);

        await using InMemoryOpener served = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnAsk = (_, _) => new((string?)null) });
        Assert.Null(await ITalk.Protocol.CreateClient(served).MaybeAsync("?"));
    }

    [Theory]
    [InlineData(new byte[] { 101 })]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 5, (byte)'a' })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 1, 0xff })]
    public async Task A_response_that_breaks_the_rules_is_a_violation_and_resets(byte[] response)
    {
        await using InMemoryOpener opener = new(Wire.Answers(response));

        ProtocolViolationException e = await Assert.ThrowsAsync<ProtocolViolationException>(
            async () => await ITalk.Protocol.CreateClient(opener).AskAsync("hello"));

        Assert.StartsWith("/talk/1.1.0/ask:", e.Message, StringComparison.Ordinal);
        Assert.NotNull(opener.Opened[0].End);
    }

    [Theory]
    [InlineData(new byte[] { 101 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff })]
    [InlineData(new byte[] { 5, (byte)'a' })]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1, 0xff })]
    public async Task A_request_that_breaks_the_rules_is_a_violation_and_never_reaches_the_handler(byte[] request)
    {
        Talk talk = new() { OnAsk = (_, _) => throw new InvalidOperationException("It was called") };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);
        await using P2PStream stream = await opener.OpenAsync("Ask");
        await stream.SendAsync(request);
        await stream.CloseWriteAsync();

        Exception? e = Assert.Single(await opener.RemotesAsync());

        Assert.StartsWith("/talk/1.1.0/ask:", Assert.IsType<ProtocolViolationException>(e).Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.ProtocolViolation, stream.End!.Code);
    }

    [Fact]
    public async Task A_request_over_the_limit_is_not_sent()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        ITalk client = ITalk.Protocol.CreateClient(opener);

        await client.AskAsync(new string('x', 100));
        await Assert.ThrowsAsync<LimitExceededException>(async () => await client.AskAsync(new string('x', 101)));
    }

    [Fact]
    public async Task A_response_over_the_limit_is_not_sent()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnAsk = (_, _) => new(new string('x', 101)) });

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await ITalk.Protocol.CreateClient(opener).AskAsync("?"));

        Assert.Equal((EndedBy.Remote, ErrorCode.MessageTooLong), (e.Reason.By, e.Reason.Code));
        Assert.IsType<LimitExceededException>(Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task A_response_that_has_arrived_beats_a_request_that_nobody_reads()
    {
        await using InMemoryOpener opener = new(
            async stream =>
            {
                await stream.SendAsync(2, 7, 8);
                await stream.Input.ReadAsync(); // and no more of it
                await Eventually.HoldsAsync(() => stream.End is not null);
            },
            window: 1000);

        ReadOnlyMemory<byte> response = await ITalk.Protocol.CreateClient(opener).BigAsync(new byte[1_000_000]);

        Assert.Equal([7, 8], response.ToArray());
    }

    [Fact]
    public async Task A_response_beats_a_request_that_is_refused()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            stream.CloseRead();
            await Task.Yield();
            await stream.SendAsync(2, 7, 8);
        });

        Assert.Equal([7, 8], (await ITalk.Protocol.CreateClient(opener).BigAsync(new byte[1_000_000])).ToArray());
    }

    [Fact]
    public async Task Messages_longer_than_the_window_pass()
    {
        byte[] bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        Assert.Equal(bytes, (await ITalk.Protocol.CreateClient(opener).BigAsync(bytes)).ToArray());
    }

    [Fact]
    public async Task Without_framing_the_end_of_the_stream_ends_the_message()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        ITalk client = ITalk.Protocol.CreateClient(opener);

        Assert.Equal([1, 2, 3], (await client.WholeAsync(new byte[] { 1, 2, 3 })).ToArray());
        Assert.Empty((await client.WholeAsync(default)).ToArray());
    }

    [Fact]
    public async Task A_reset_carries_its_reason_to_the_caller()
    {
        await using InMemoryOpener opener = new(async stream =>
        {
            await stream.ReceiveAllAsync();
            stream.Reset(new ErrorCode(0x10042));
        });
        CallInfo info = new();

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(
            async () => await ITalk.Protocol.CreateClient(opener).AskAsync("?", new CallContext(default, info: info)));

        Assert.Equal((EndedBy.Remote, new ErrorCode(0x10042)), (e.Reason.By, e.Reason.Code));
        Assert.Equal(new ErrorCode(0x10042), info.RemoteCode);
    }

    [Fact]
    public async Task What_a_handler_throws_resets_the_stream()
    {
        InvalidOperationException failure = new("No");
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk { OnAsk = (_, _) => throw failure });

        StreamResetException e = await Assert.ThrowsAsync<StreamResetException>(async () => await ITalk.Protocol.CreateClient(opener).AskAsync("?"));

        Assert.Same(failure, e.Reason.Cause);
        Assert.Same(failure, Assert.Single(await opener.RemotesAsync()));
    }

    [Fact]
    public async Task The_call_tells_what_happened()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
        CallInfo info = new();

        await ITalk.Protocol.CreateClient(opener).AskAsync("hello", new CallContext(default, info: info));

        Assert.Equal(("/talk/1.1.0/ask", 6L, 6L), (info.Protocol!.Value, info.BytesSent, info.BytesReceived));
        Assert.NotNull(info.RoundTrip);
    }

    [Fact]
    public async Task A_newer_operation_is_offered_by_the_ids_that_know_it()
    {
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());

        await ITalk.Protocol.CreateClient(opener).NewAsync("?");

        Assert.Equal(["/talk/1.1.0/new"], opener.Requests[0].Protocols.Select(id => id.Value));
        Assert.Equal(["/talk/1.1.0/ask", "/talk/1.0.0/ask"], Wire.Request("Ask").Protocols.Select(id => id.Value));
        Assert.DoesNotContain("/talk/1.0.0/new", ITalk.Protocol.Ids.Select(id => id.Value));
    }

    [Fact]
    public async Task A_handler_learns_by_which_id_it_is_called()
    {
        ProtocolId? seen = null;
        Talk talk = new()
        {
            OnAsk = (question, context) =>
            {
                seen = context.Protocol;
                return new(question);
            },
        };
        await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, talk);

        await ITalk.Protocol.CreateClient(opener).AskAsync("?");

        Assert.Equal("/talk/1.1.0/ask", seen?.Value);
    }

    [Fact]
    public async Task A_client_leaves_its_callers_context()
    {
        ForbiddenContext context = new();
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            await using InMemoryOpener opener = InMemoryOpener.To<ITalk>(ITalk.Protocol, new Talk());
            Task<string> call = ITalk.Protocol.CreateClient(opener).AskAsync("hello").AsTask();
            SynchronizationContext.SetSynchronizationContext(null);
            Assert.Equal("hello", await call);
            Assert.Equal(0, context.Posts);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private sealed class ForbiddenContext : SynchronizationContext
    {
        public int Posts { get; private set; }

        public override void Post(SendOrPostCallback d, object? state)
        {
            Posts++;
            base.Post(d, state);
        }
    }
}
