using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Libp2p.Negotiation;
using Libp2p.TestKit;

namespace Libp2p.Tests.Negotiation;

public sealed class MultistreamSelectTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(7)]
    public async Task Both_ends_agree_and_what_follows_stays_in_the_pipe(int segmentSize)
    {
        PipePair pair = new(segmentSize: segmentSize);
        Task<Agreed<int>?> responding = MultistreamSelect.RespondAsync(pair.Second, Table("/a", "/b"), s_none).AsTask();

        ProtocolId agreed = await MultistreamSelect.InitiateAsync(pair.First, ["/x", "/y", "/b", "/a"], s_none);
        await pair.First.Output.WriteAsync("hello"u8.ToArray());
        Agreed<int>? answered = await responding;
        await pair.Second.Output.WriteAsync("world"u8.ToArray());

        Assert.Equal("/b", agreed.Value);
        Assert.Equal(new Agreed<int>("/b", 1), answered);
        Assert.Equal("hello"u8.ToArray(), await pair.Second.Input.ReadExactlyAsync(5));
        Assert.Equal("world"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(5));
    }

    [Fact]
    public async Task Header_and_first_proposal_leave_in_one_write()
    {
        PipePair pair = new();
        Task<ProtocolId> initiating = MultistreamSelect.InitiateAsync(pair.First, ["/a"], s_none).AsTask();

        Assert.True(pair.Second.Input.TryRead(out ReadResult read));
        Assert.Equal("\u0013/multistream/1.0.0\n\u0003/a\n", Encoding.UTF8.GetString(read.Buffer));
        pair.Second.Input.AdvanceTo(read.Buffer.End);
        Say(pair.Second, "\u0013/multistream/1.0.0\n\u0003/a\nrest");
        await initiating;
        Assert.Equal("rest", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
    }

    [Fact]
    public async Task A_responder_that_has_the_proposal_answers_in_one_write()
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n\u0003/x\n\u0003/a\ndata");
        await MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none);

        Assert.Equal("\u0013/multistream/1.0.0\n\u0003na\n\u0003/a\n", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
        Assert.Equal("data", Encoding.UTF8.GetString(pair.Second.Input.ReadAvailable()));
    }

    [Fact]
    public async Task A_responder_greets_an_initiator_that_waits_for_it()
    {
        PipePair pair = new();
        Task<Agreed<int>?> responding = MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask();

        Assert.Equal("\u0013/multistream/1.0.0\n"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(20));
        Say(pair.First, "\u0013/multistream/1.0.0\n");
        Say(pair.First, "\u0003/a\n");
        Assert.Equal("\u0003/a\n"u8.ToArray(), await pair.First.Input.ReadExactlyAsync(4));
        Assert.NotNull(await responding);
    }

    [Fact]
    public async Task When_all_offers_are_refused_the_exception_names_them()
    {
        PipePair pair = new();
        _ = MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask();

        ProtocolNotSupportedException refused = await Assert.ThrowsAsync<ProtocolNotSupportedException>(
            () => MultistreamSelect.InitiateAsync(pair.First, ["/x", "/y"], s_none).AsTask());

        Assert.Equal(["/x", "/y"], refused.Offered.Select(id => id.Value));
        Assert.Contains("/x, /y", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_responder_whose_initiator_gives_up_agrees_on_nothing()
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n\u0003/x\n");
        await pair.First.Output.CompleteAsync();

        Assert.Null(await MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none));
        Assert.Equal("\u0013/multistream/1.0.0\n\u0003na\n", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
    }

    [Theory]
    [InlineData("\u0005hello", false)]
    [InlineData("\u0005hello", true)]
    [InlineData("\u0020hel", true)]
    public async Task The_first_bytes_of_a_lazy_initiator_that_was_refused_do_not_cost_it_the_refusal(string payload, bool ends)
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n\u0003/x\n" + payload);
        if (ends)
        {
            await pair.First.Output.CompleteAsync();
        }

        Assert.Null(await MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none));
        Assert.Equal("\u0013/multistream/1.0.0\n\u0003na\n", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
    }

    [Fact]
    public async Task An_initiator_that_ends_inside_a_message_is_an_error_that_shows_it()
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n\u0010/ab");
        await pair.First.Output.CompleteAsync();

        NegotiationException ended = await Assert.ThrowsAsync<NegotiationException>(
            () => MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask());
        Assert.Contains("\"\\x10/ab\"", ended.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\u0013/multistream/1.0.0\n")]
    [InlineData("\u0013/multistream/1.0.0\n\u0003na\n")]
    [InlineData("\u0013/multistream/1.0.0\n\u0003/")]
    public async Task A_responder_that_ends_without_an_answer_is_an_error(string said)
    {
        PipePair pair = new();
        Say(pair.Second, said);
        await pair.Second.Output.CompleteAsync();

        await Assert.ThrowsAsync<NegotiationException>(
            () => MultistreamSelect.InitiateAsync(pair.First, ["/a", "/b"], s_none).AsTask());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("G")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\u0013/multistream/1.0.1\n")]
    [InlineData("\u0013/multistream/2")]
    public async Task Garbage_is_refused_at_its_first_wrong_byte_and_shown(string garbage)
    {
        PipePair pair = new();
        Say(pair.First, garbage);

        ProtocolViolationException violation = await Assert.ThrowsAsync<ProtocolViolationException>(
            () => MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask());
        Assert.Contains("instead", violation.Message.Replace("something else than", "instead", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', violation.Message);
    }

    [Fact]
    public async Task What_is_shown_of_garbage_is_clipped_and_escaped()
    {
        PipePair pair = new();
        Say(pair.First, "\u0001\"\\\r" + new string('x', 500));

        ProtocolViolationException violation = await Assert.ThrowsAsync<ProtocolViolationException>(
            () => MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask());
        Assert.Contains("\"\\x01\\\"\\\\\\rxxx", violation.Message, StringComparison.Ordinal);
        Assert.InRange(violation.Message.Length, 0, 200);
    }

    [Fact]
    public async Task An_answer_that_is_neither_echo_nor_refusal_is_a_violation()
    {
        PipePair pair = new();
        Say(pair.Second, "\u0013/multistream/1.0.0\n\u0003/b\n");

        ProtocolViolationException violation = await Assert.ThrowsAsync<ProtocolViolationException>(
            () => MultistreamSelect.InitiateAsync(pair.First, ["/a", "/b"], s_none).AsTask());
        Assert.Contains("\"/b\"", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proposals_without_end_are_a_violation()
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n" + string.Concat(Enumerable.Repeat("\u0003/x\n", 129)));

        await Assert.ThrowsAsync<ProtocolViolationException>(
            () => MultistreamSelect.RespondAsync(pair.Second, Table("/a"), s_none).AsTask());
    }

    [Fact]
    public async Task Ls_is_answered_in_one_message_and_counts_as_an_attempt()
    {
        PipePair pair = new();
        Say(pair.First, "\u0013/multistream/1.0.0\n\u0003ls\n\u0003/b\n");
        Agreed<int>? agreed = await MultistreamSelect.RespondAsync(pair.Second, Table("/a", "/b"), s_none);

        Assert.Equal("/b", agreed?.Id.Value);
        Assert.Equal(
            "\u0013/multistream/1.0.0\n\u0009\u0003/a\n\u0003/b\n\n\u0003/b\n", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
    }

    [Fact]
    public void The_answer_to_ls_stays_within_what_others_read()
    {
        ArrayBufferWriter<byte> written = new();
        Multistream.WriteList(written, [.. Enumerable.Range(0, 200).Select(i => new ProtocolId($"/protocol/{i:d3}"))]);

        Assert.True(Multistream.TryRead(new(written.WrittenMemory), new byte[Multistream.MaxFrame], out ReadOnlySpan<byte> text, out int length));
        Assert.Equal(written.WrittenCount, length);
        Assert.InRange(text.Length, 1000, 1023);
        Assert.True(text.StartsWith(new ProtocolId("/protocol/000").Message.Span));
    }

    [Fact]
    public async Task The_longest_id_is_agreed_on()
    {
        ProtocolId longest = "/" + new string('x', ProtocolId.MaxLength - 1);
        PipePair pair = new(segmentSize: 100);
        Task<Agreed<int>?> responding = MultistreamSelect.RespondAsync(pair.Second, Table(longest.Value), s_none).AsTask();

        Assert.Same(longest, await MultistreamSelect.InitiateAsync(pair.First, [longest], s_none));
        Assert.NotNull(await responding);
    }

    [Fact]
    public async Task Cancelling_ends_either_side_and_leaves_the_pipe_usable()
    {
        PipePair pair = new();
        using CancellationTokenSource source = new();
        Task<ProtocolId> initiating = MultistreamSelect.InitiateAsync(pair.First, ["/a"], source.Token).AsTask();
        Task<Agreed<int>?> responding = MultistreamSelect.RespondAsync(new PipePair().First, Table("/a"), source.Token).AsTask();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => initiating);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => responding);
        Say(pair.Second, "later");
        Assert.Equal("later", Encoding.UTF8.GetString(pair.First.Input.ReadAvailable()));
    }

    [Fact]
    public void Looking_up_an_id_allocates_nothing()
    {
        ProtocolTable<int> table = Table("/a", "/b", "/c");
        byte[] known = "/c"u8.ToArray();
        byte[] unknown = "/nobody/knows/1.0.0"u8.ToArray();
        table.TryFind(known, out _, out _);
        table.TryFind(unknown, out _, out _);

        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            Assert.True(table.TryFind(known, out _, out int handler) && handler == 2);
            Assert.False(table.TryFind(unknown, out _, out _));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static ProtocolTable<int> Table(params string[] ids) => new(ids.Select((id, index) => new Agreed<int>(id, index)));

    private static void Say(IDuplexPipe end, string text)
    {
        end.Output.Write(Encoding.Latin1.GetBytes(text));
        Assert.True(end.Output.FlushAsync().AsTask().IsCompleted);
    }
}
