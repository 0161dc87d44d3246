using System.IO.Pipelines;
using System.Text;

namespace Libp2p.Tests.Streams;

/// <summary>Bytes that were put back before a pipe of which somebody has looked at more.</summary>
public sealed class UnreadReaderTests
{
    private const string All = "0123456789abcdef";

    public static TheoryData<int, int> Cuts
    {
        get
        {
            TheoryData<int, int> cuts = [];
            for (int unread = 1; unread <= 8; unread++)
            {
                for (int step = 1; step <= All.Length; step++)
                {
                    cuts.Add(unread, step);
                }
            }

            return cuts;
        }
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Nothing_is_lost_however_it_is_consumed(int unread, int step)
    {
        Pipe pipe = new();
        UnreadReader reader = new(pipe.Reader, Bytes(All[..unread]));
        await pipe.Writer.WriteAsync(Bytes(All[unread..]));
        await pipe.Writer.CompleteAsync();
        StringBuilder read = new();

        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            if (result.Buffer.Length < step && !result.IsCompleted)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                continue;
            }

            SequencePosition end = result.Buffer.GetPosition(Math.Min(step, result.Buffer.Length));
            read.Append(Encoding.ASCII.GetString(result.Buffer.Slice(0, end)));
            bool isOver = result.IsCompleted && result.Buffer.Slice(end).IsEmpty;
            reader.AdvanceTo(end);
            if (isOver)
            {
                break;
            }
        }

        Assert.Equal(All, read.ToString());
    }

    [Fact]
    public async Task A_reader_that_wants_more_gets_it_together_with_what_it_has_and_the_pipe_keeps_it_until_it_is_consumed()
    {
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 4, resumeWriterThreshold: 2));
        UnreadReader reader = new(pipe.Reader, Bytes("ab"));
        ReadResult first = await reader.ReadAsync();
        Assert.Equal("ab", Text(first));
        reader.AdvanceTo(first.Buffer.Start, first.Buffer.End);

        Task<ReadResult> reading = reader.ReadAsync().AsTask();
        Assert.False(reading.IsCompleted);
        Task<FlushResult> writing = pipe.Writer.WriteAsync(Bytes("cdef")).AsTask();
        ReadResult second = await reading;
        Assert.Equal("abcdef", Text(second));
        reader.AdvanceTo(second.Buffer.GetPosition(1));
        Assert.True(reader.TryRead(out ReadResult third));
        Assert.Equal("b", Text(third)); // the rest was not looked at
        reader.AdvanceTo(third.Buffer.Start, third.Buffer.End);
        Assert.False(writing.IsCompleted);

        ReadResult fourth = await reader.ReadAsync();
        Assert.Equal("bcdef", Text(fourth));
        reader.AdvanceTo(fourth.Buffer.GetPosition(4));
        await writing;
        Assert.True(reader.TryRead(out ReadResult last));
        Assert.Equal("f", Text(last));
    }

    [Fact]
    public async Task A_read_is_cancelled_wherever_it_waits()
    {
        Pipe pipe = new();
        UnreadReader reader = new(pipe.Reader, Bytes("ab"));
        reader.CancelPendingRead();
        ReadResult canceled = await reader.ReadAsync();
        Assert.True(canceled.IsCanceled);
        reader.AdvanceTo(canceled.Buffer.Start, canceled.Buffer.End);

        Task<ReadResult> waiting = reader.ReadAsync().AsTask();
        reader.CancelPendingRead();
        ReadResult again = await waiting;
        Assert.Equal((true, "ab"), (again.IsCanceled, Text(again)));
        reader.CancelPendingRead();
        reader.AdvanceTo(again.Buffer.End);

        Assert.True((await reader.ReadAsync()).IsCanceled);
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        UnreadReader other = new(pipe.Reader, Bytes("ab"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await other.ReadAsync(source.Token));
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static string Text(ReadResult result) => Encoding.ASCII.GetString(result.Buffer);
}
