using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.TestKit;

namespace Libp2p.Tests.Negotiation;

public sealed class LazyNegotiatedStreamTests : IAsyncDisposable
{
    private const string Proposal = "\u0013/multistream/1.0.0\n\u0003/a\n";
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly InMemoryStreamPair _pair = new();
    private readonly RecordingStream _muxed;
    private readonly LazyNegotiatedStream _lazy;

    public LazyNegotiatedStreamTests()
    {
        _muxed = new RecordingStream(_pair.Initiator);
        _lazy = new LazyNegotiatedStream(_muxed, "/a", TimeProvider.System);
    }

    public ValueTask DisposeAsync()
    {
        _lazy.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "The test is over"));
        return _lazy.DisposeAsync();
    }

    [Fact]
    public void Nothing_is_sent_before_something_is_written_or_read()
    {
        Assert.False(_lazy.Input.TryRead(out _));
        Assert.Empty(_pair.Responder.Input.ReadAvailable());
    }

    [Fact]
    public async Task The_proposal_and_the_first_bytes_leave_in_one_write()
    {
        _lazy.Output.Write("data"u8);
        Assert.Empty(_pair.Responder.Input.ReadAvailable());
        await _lazy.Output.FlushAsync();
        Assert.Equal(Proposal + "data", Received());

        await _lazy.Output.WriteAsync("more"u8.ToArray());
        Assert.Equal("more", Received());
    }

    [Fact]
    public async Task A_read_sends_the_proposal_by_itself()
    {
        ValueTask<ReadResult> reading = _lazy.Input.ReadAsync();
        Assert.Equal(Proposal, Received());
        Assert.False(reading.IsCompleted);

        Answer(Proposal + "hello");
        ReadResult read = await reading;
        Assert.Equal("hello", Encoding.UTF8.GetString(read.Buffer));
        _lazy.Input.AdvanceTo(read.Buffer.End);

        await _lazy.Output.WriteAsync("data"u8.ToArray());
        Assert.Equal("data", Received());
    }

    [Fact]
    public async Task The_answer_is_checked_at_every_split_before_a_byte_is_returned()
    {
        byte[] answer = Encoding.UTF8.GetBytes(Proposal + "xy");

        for (int cut = 1; cut < answer.Length; cut++)
        {
            InMemoryStreamPair pair = new();
            LazyNegotiatedStream lazy = new(pair.Initiator, "/a", TimeProvider.System);
            Task<ReadResult> reading = lazy.Input.ReadAtLeastAsync(2).AsTask();
            await pair.Responder.Output.WriteAsync(answer.AsMemory(0, cut));
            await pair.Responder.Output.WriteAsync(answer.AsMemory(cut));

            Assert.Equal("xy", Encoding.UTF8.GetString((await reading).Buffer));
        }
    }

    [Fact]
    public async Task A_refusal_surfaces_at_the_read_and_stays()
    {
        await _lazy.Output.WriteAsync("data"u8.ToArray());
        Answer("\u0013/multistream/1.0.0\n\u0003na\n");

        for (int i = 0; i < 2; i++)
        {
            ProtocolNotSupportedException refused =
                await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => _lazy.Input.ReadAsync().AsTask());
            Assert.Equal(["/a"], refused.Offered.Select(id => id.Value));
        }

        Assert.Equal(ErrorCode.ProtocolNegotiationFailed, _lazy.End?.Code);
        Assert.IsType<ProtocolNotSupportedException>(_lazy.End?.Cause);
        await _lazy.DisposeAsync();
        Assert.True(_muxed.IsDisposed);
    }

    [Fact]
    public async Task A_refusal_surfaces_when_closing_too()
    {
        await _lazy.Output.WriteAsync("data"u8.ToArray());
        Answer("\u0013/multistream/1.0.0\n\u0003na\n");

        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => _lazy.CloseWriteAsync(s_none).AsTask());
        Assert.False(_muxed.IsWriteClosed);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("\u0013/multistream/1.0.0\n\u0003/b\n")]
    public async Task Another_answer_is_a_violation_that_resets(string answer)
    {
        Answer(answer);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => _lazy.Input.ReadAsync().AsTask());
        Assert.Equal(EndedBy.Violation, _lazy.End?.By);
    }

    [Fact]
    public async Task An_end_instead_of_an_answer_is_an_error()
    {
        Answer("\u0013/multistream/1.0.0\n");
        await _pair.Responder.CloseWriteAsync(s_none);
        await Assert.ThrowsAsync<NegotiationException>(() => _lazy.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task An_end_right_behind_the_answer_is_the_end_of_the_protocol()
    {
        Answer(Proposal + "bye");
        await _pair.Responder.CloseWriteAsync(s_none);
        Assert.Equal("bye", Encoding.UTF8.GetString(await _lazy.Input.ReadToEndAsync()));
    }

    [Fact]
    public async Task Our_end_does_not_travel_with_an_unconfirmed_proposal()
    {
        _lazy.Output.Write("data"u8);
        Task closing = _lazy.CloseWriteAsync(s_none).AsTask();
        Assert.Equal(Proposal + "data", Received());
        Assert.False(_muxed.IsWriteClosed);

        Answer(Proposal + "reply");
        await closing;
        Assert.True(_muxed.IsWriteClosed);
        Assert.Equal("reply"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(5));
        await _lazy.CloseWriteAsync(s_none);
    }

    [Fact]
    public async Task Our_end_travels_with_the_proposal_to_a_remote_that_takes_it_and_disposing_still_waits()
    {
        await using LazyNegotiatedStream lazy = new(_muxed, "/a", TimeProvider.System, endsEarly: true);
        lazy.Output.Write("data"u8);
        await lazy.CloseWriteAsync(s_none);
        Assert.Equal(Proposal + "data", Received());
        Assert.True(_muxed.IsWriteClosed);

        Task disposing = lazy.DisposeAsync().AsTask();
        Assert.False(_muxed.IsDisposed);
        Answer(Proposal + "reply");
        await disposing;
        Assert.True(_muxed.IsDisposed);
    }

    [Fact]
    public async Task A_refusal_surfaces_at_the_read_after_an_early_end()
    {
        await using LazyNegotiatedStream lazy = new(_muxed, "/a", TimeProvider.System, endsEarly: true);
        await lazy.Output.WriteAsync("data"u8.ToArray());
        await lazy.Output.CompleteAsync();
        Assert.True(_muxed.IsWriteClosed);

        Answer("\u0013/multistream/1.0.0\n\u0003na\n");
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => lazy.Input.ReadAsync().AsTask());
    }

    [Fact]
    public async Task Closing_an_unused_stream_still_negotiates()
    {
        Task closing = _lazy.CloseWriteAsync(s_none).AsTask();
        Assert.Equal(Proposal, Received());
        Answer(Proposal);
        await closing;
        Assert.True(_muxed.IsWriteClosed);
    }

    [Fact]
    public async Task Disposing_completes_the_negotiation_and_then_closes()
    {
        await _lazy.Output.WriteAsync("push"u8.ToArray());
        Task disposing = _lazy.DisposeAsync().AsTask();
        Assert.False(_muxed.IsDisposed);

        Answer(Proposal);
        await disposing;
        Assert.True(_muxed.IsWriteClosed);
        Assert.True(_muxed.IsDisposed);
        Assert.True(_lazy.End is { IsClean: true });
    }

    [Fact]
    public async Task Disposing_waits_only_so_long_for_an_answer()
    {
        await using LazyNegotiatedStream impatient = new(_muxed, "/a", TimeProvider.System, TimeSpan.FromMilliseconds(1));
        await impatient.Output.WriteAsync("push"u8.ToArray());
        await impatient.DisposeAsync();

        Assert.True(_muxed.IsDisposed);
        Assert.Equal(EndedBy.Limit, impatient.End?.By);
    }

    [Fact]
    public async Task Disposing_after_a_reset_waits_for_nobody()
    {
        await _lazy.Output.WriteAsync("push"u8.ToArray());
        _lazy.Reset(new EndReason(EndedBy.Local, ErrorCode.None, "Enough"));
        await _lazy.DisposeAsync();
        Assert.Equal("Enough", _lazy.End?.Reason);
    }

    [Fact]
    public async Task Completing_the_output_asynchronously_is_closing()
    {
        Task completing = _lazy.Output.CompleteAsync().AsTask();
        Assert.Equal(Proposal, Received());
        Answer(Proposal);
        await completing;
        Assert.True(_muxed.IsWriteClosed);
    }

    [Fact]
    public async Task Completing_the_output_at_once_takes_the_proposal_along()
    {
        _lazy.Output.Write("data"u8);
        _lazy.Output.Complete();
        Assert.Equal(Proposal + "data", Encoding.UTF8.GetString(await _pair.Responder.Input.ReadToEndAsync()));

        Answer(Proposal + "reply");
        Assert.Equal("reply"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(5));
        await _lazy.DisposeAsync();
        Assert.True(_lazy.End is { IsClean: true });
    }

    [Fact]
    public async Task Who_reads_no_more_does_not_wait_for_the_answer()
    {
        await _lazy.Output.WriteAsync("data"u8.ToArray());
        _lazy.CloseRead(ErrorCode.None);
        await _lazy.CloseWriteAsync(s_none);
        Assert.True(_muxed.IsWriteClosed);
    }

    [Fact]
    public async Task A_cancelled_read_can_be_tried_again()
    {
        using CancellationTokenSource source = new();
        Task<ReadResult> reading = _lazy.Input.ReadAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Answer(Proposal + "x");
        Assert.Equal("x"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(1));
        Assert.Equal(Proposal, Received());
    }

    [Fact]
    public async Task Cancelling_the_pending_read_returns_it_empty()
    {
        ValueTask<ReadResult> reading = _lazy.Input.ReadAsync();
        _lazy.Input.CancelPendingRead();
        ReadResult read = await reading;
        Assert.True(read.IsCanceled);
        _lazy.Input.AdvanceTo(read.Buffer.End);

        Answer(Proposal + "x");
        Assert.Equal("x"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task Cancelling_the_read_does_not_end_the_wait_of_who_closes()
    {
        Task closing = _lazy.CloseWriteAsync(s_none).AsTask();
        _lazy.Input.CancelPendingRead();
        Assert.True((await _lazy.Input.ReadAsync()).IsCanceled);
        _lazy.Input.AdvanceTo(default);

        ValueTask<ReadResult> reading = _lazy.Input.ReadAsync();
        _lazy.Input.CancelPendingRead();
        Assert.True((await reading).IsCanceled);
        _lazy.Input.AdvanceTo(default);

        Answer(Proposal + "x");
        await closing;
        Assert.Equal("x"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task What_is_written_while_the_reader_sends_the_proposal_follows_it()
    {
        InMemoryStreamPair narrow = new(window: 10); // the proposal alone fills the pipe: its flush waits
        LazyNegotiatedStream lazy = new(narrow.Initiator, "/a", TimeProvider.System);
        ValueTask<ReadResult> reading = lazy.Input.ReadAsync();

        lazy.Output.Write("da"u8);
        lazy.Output.Write("ta"u8);
        Assert.Equal(4, lazy.Output.UnflushedBytes);
        Assert.Throws<InvalidOperationException>(() => lazy.Output.Complete());
        ValueTask<FlushResult> flushing = lazy.Output.FlushAsync();
        string arrived = "";
        while (arrived.Length < 28)
        {
            ReadResult read = await narrow.Responder.Input.ReadAsync(); // what is consumed opens the window for more
            arrived += Encoding.UTF8.GetString(read.Buffer);
            narrow.Responder.Input.AdvanceTo(read.Buffer.End);
        }

        Assert.Equal(Proposal + "data", arrived);
        await flushing;

        await narrow.Responder.Output.WriteAsync(Encoding.UTF8.GetBytes(Proposal + "y"));
        Assert.Equal("y", Encoding.UTF8.GetString((await reading).Buffer));
    }

    [Fact]
    public async Task Reader_and_writer_that_start_together_propose_once()
    {
        for (int i = 0; i < 200; i++)
        {
            InMemoryStreamPair pair = new();
            LazyNegotiatedStream lazy = new(pair.Initiator, "/a", TimeProvider.System);
            Task<byte[]> reading = Task.Run(() => lazy.Input.ReadExactlyAsync(2));
            Task writing = Task.Run(() => lazy.Output.WriteAsync("data"u8.ToArray()).AsTask());

            Assert.Equal(Proposal + "data", Encoding.UTF8.GetString(await pair.Responder.Input.ReadExactlyAsync(28)));
            await pair.Responder.Output.WriteAsync(Encoding.UTF8.GetBytes(Proposal + "ok"));
            Assert.Equal("ok"u8.ToArray(), await reading);
            await writing;
        }
    }

    [Fact]
    public async Task A_real_responder_agrees()
    {
        Task<Agreed<int>?> responding = MultistreamSelect.RespondAsync(_pair.Responder, MultistreamSelectTests.Table("/a"), s_none).AsTask();
        await _lazy.Output.WriteAsync("ping"u8.ToArray());

        Assert.NotNull(await responding);
        Assert.Equal("ping"u8.ToArray(), await _pair.Responder.Input.ReadExactlyAsync(4));
        await _pair.Responder.Output.WriteAsync("pong"u8.ToArray());
        Assert.Equal("pong"u8.ToArray(), await _lazy.Input.ReadExactlyAsync(4));
    }

    private string Received() => Encoding.UTF8.GetString(_pair.Responder.Input.ReadAvailable());

    private void Answer(string text)
    {
        _pair.Responder.Output.Write(Encoding.UTF8.GetBytes(text));
        Assert.True(_pair.Responder.Output.FlushAsync().AsTask().IsCompleted);
    }
}
