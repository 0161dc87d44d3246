using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>
/// Every rule of <see cref="IMuxedConnection"/> and <see cref="IMuxedStream"/>, in both roles. Inherit it and connect a pair; rules
/// that need a capability the muxer lacks pass by.
/// </summary>
public abstract partial class MuxerContract
{
    /// <summary>How long what should happen may take before a test gives up.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly EndReason s_weLeave = new(EndedBy.Local, ErrorCode.None, "We leave");

    /// <summary>A fresh connection; its streams may have windows of up to 1 MiB before anything is read.</summary>
    protected abstract ValueTask<MuxerPair> ConnectAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stream_carries_bytes_both_ways(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, "hello"u8.ToArray());

        Assert.Equal(Direction.Outbound, opened.Direction);
        Assert.Equal(Direction.Inbound, accepted.Direction);
        Assert.Equal(opened.Id, accepted.Id);
        Assert.Equal("hello"u8.ToArray(), await ReadAsync(accepted, 5));

        await accepted.Output.WriteAsync("world"u8.ToArray());
        Assert.Equal("world"u8.ToArray(), await ReadAsync(opened, 5));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_acceptor_may_speak_first(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedConnection opener, IMuxedConnection acceptor) = pair.OpenedBy(initiatorOpens);
        Task<IMuxedStream?> accepting = acceptor.AcceptStreamAsync(default).AsTask();
        IMuxedStream opened = await opener.OpenStreamAsync(default);
        if (!await Settles(accepting, TimeSpan.FromSeconds(1)))
        {
            await opened.Output.WriteAsync(new byte[1]); // a muxer may open with the first bytes
        }

        IMuxedStream accepted = (await accepting)!;
        await accepted.Output.WriteAsync("first"u8.ToArray());
        Assert.Equal("first"u8.ToArray(), await ReadAsync(opened, 5));
    }

    [Fact]
    public async Task Both_ends_open_at_once_and_no_two_streams_share_a_number()
    {
        await using MuxerPair pair = await ConnectAsync();
        List<Task<(IMuxedStream Opened, IMuxedStream Accepted)>> opening = [];
        for (int i = 0; i < 20; i++)
        {
            opening.Add(OpenAsync(pair, initiator: i % 2 == 0, new byte[] { 1 }));
            await opening[^1];
        }

        (IMuxedStream Opened, IMuxedStream Accepted)[] streams = await Task.WhenAll(opening);
        Assert.Equal(20, streams.Select(stream => stream.Opened.Id).Distinct().Count());
        Assert.Equal(20, pair.Initiator.StreamCount);
        Assert.Equal(20, pair.Responder.StreamCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Many_bytes_go_both_ways_at_once(bool initiatorOpens)
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiatorOpens, []);
        byte[] there = Bytes(3_000_001, seed: 1);
        byte[] back = Bytes(2_000_003, seed: 2);

        Task writing = Task.WhenAll(WriteAllAsync(opened, there, 70_000), WriteAllAsync(accepted, back, 1_000));
        Task<byte[]> arrived = ReadToEndAsync(accepted);
        Assert.Equal(back, await Soon(ReadToEndAsync(opened)));
        Assert.Equal(there, await Soon(arrived));
        await Soon(writing);
        Assert.True(opened.End!.IsClean);
        Assert.True(accepted.End!.IsClean);
    }

    [Fact]
    public async Task A_thousand_streams_carry_their_own_bytes()
    {
        await using MuxerPair pair = await ConnectAsync();
        using SemaphoreSlim atOnce = new(100); // a muxer need not take more
        Task echoing = EchoAllAsync(pair.Responder);

        async Task ExchangeAsync(int i)
        {
            byte[] bytes = Bytes(new Random(i).Next(100_000), i);
            await using IMuxedStream stream = await pair.Initiator.OpenStreamAsync(default);
            Task writing = WriteAllAsync(stream, bytes, 1 + new Random(i).Next(40_000));
            Assert.Equal(bytes, await ReadToEndAsync(stream));
            await writing;
        }

        async Task TakeTurnAsync(int i)
        {
            await atOnce.WaitAsync();
            try
            {
                await Soon(ExchangeAsync(i)); // each of them: how long all take is the machine's affair
            }
            finally
            {
                atOnce.Release();
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(TakeTurnAsync));
        await pair.Initiator.DisposeAsync();
        await Soon(echoing);
    }

    [Fact]
    public async Task A_stream_whose_reader_stalls_does_not_stop_another()
    {
        await using MuxerPair pair = await ConnectAsync();
        (IMuxedStream stalled, IMuxedStream _) = await OpenAsync(pair, initiator: true, new byte[1]);
        Task filling = FillAsync(stalled);
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, []);
        byte[] bytes = Bytes(2_000_000, seed: 3);
        Task writing = WriteAllAsync(opened, bytes, 50_000);
        Assert.Equal(bytes, await Soon(ReadToEndAsync(accepted)));
        await writing;
        Assert.False(filling.IsCompleted);
        stalled.Reset(s_weLeave);
        await Assert.ThrowsAsync<StreamResetException>(() => Soon(filling));
    }

    [Fact]
    public async Task Streams_are_counted_while_they_are_open()
    {
        await using MuxerPair pair = await ConnectAsync();
        Assert.Equal(0, pair.Initiator.StreamCount);
        (IMuxedStream opened, IMuxedStream accepted) = await OpenAsync(pair, initiator: true, new byte[1]);
        Assert.Equal(1, pair.Initiator.StreamCount);
        Assert.Equal(1, pair.Responder.StreamCount);
        await opened.CloseWriteAsync(default);
        await ReadToEndAsync(accepted);
        Assert.Equal(1, pair.Initiator.StreamCount);
        await accepted.CloseWriteAsync(default);
        await ReadToEndAsync(opened);
        await Eventually(() => pair.Initiator.StreamCount == 0 && pair.Responder.StreamCount == 0);
    }

    /// <summary>Opens a stream from one end and accepts it at the other.</summary>
    /// <param name="pair">The connection.</param>
    /// <param name="initiator">Who opens.</param>
    /// <param name="first">What is written at once; when empty, a byte that the acceptor has read already.</param>
    protected static async Task<(IMuxedStream Opened, IMuxedStream Accepted)> OpenAsync(MuxerPair pair, bool initiator, byte[] first)
    {
        (IMuxedConnection opener, IMuxedConnection acceptor) = pair.OpenedBy(initiator);
        IMuxedStream opened = await Soon(opener.OpenStreamAsync(default).AsTask());
        await opened.Output.WriteAsync(first.Length > 0 ? first : new byte[1]);
        IMuxedStream? accepted = await Soon(acceptor.AcceptStreamAsync(default).AsTask());
        Assert.NotNull(accepted);
        if (first.Length == 0)
        {
            await ReadAsync(accepted, 1);
        }

        return (opened, accepted);
    }

    /// <summary>Waits for what should happen.</summary>
    protected static Task Soon(Task task) => task.WaitAsync(Patience);

    /// <summary>Waits for what should happen.</summary>
    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    /// <summary>Waits for what becomes true by itself.</summary>
    protected static async Task Eventually(Func<bool> condition)
    {
        using CancellationTokenSource patience = new(Patience);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }

    /// <summary>Bytes that look random and are always the same.</summary>
    protected static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Reads exactly so many.</summary>
    protected static async Task<byte[]> ReadAsync(IMuxedStream stream, int count)
    {
        ReadResult read = await Soon(stream.Input.ReadAtLeastAsync(count).AsTask());
        Assert.True(read.Buffer.Length >= count, $"The stream ended after {read.Buffer.Length} of {count} bytes");
        byte[] bytes = read.Buffer.Slice(0, count).ToArray();
        stream.Input.AdvanceTo(read.Buffer.GetPosition(count));
        return bytes;
    }

    /// <summary>Reads, and consumes, to the end.</summary>
    protected static async Task<byte[]> ReadToEndAsync(IMuxedStream stream)
    {
        ArrayBufferWriter<byte> bytes = new();
        while (true)
        {
            ReadResult read = await Soon(stream.Input.ReadAsync().AsTask());
            foreach (ReadOnlyMemory<byte> piece in read.Buffer)
            {
                bytes.Write(piece.Span);
            }

            stream.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return bytes.WrittenSpan.ToArray();
            }
        }
    }

    /// <summary>Writes in pieces, and ends the direction.</summary>
    protected static async Task WriteAllAsync(IMuxedStream stream, ReadOnlyMemory<byte> bytes, int piece)
    {
        while (!bytes.IsEmpty)
        {
            int length = Math.Min(piece, bytes.Length);
            await stream.Output.WriteAsync(bytes[..length]);
            bytes = bytes[length..];
        }

        await stream.CloseWriteAsync(default);
    }

    /// <summary>Writes until it fails.</summary>
    protected static async Task FillAsync(IMuxedStream stream)
    {
        byte[] bytes = new byte[32 * 1024];
        while (true)
        {
            await stream.Output.WriteAsync(bytes);
        }
    }

    private static async Task EchoAllAsync(IMuxedConnection connection)
    {
        List<Task> echoes = [];
        while (await connection.AcceptStreamAsync(default) is { } stream)
        {
            echoes.Add(EchoAsync(stream));
        }

        await Task.WhenAll(echoes);
    }

    private static async Task EchoAsync(IMuxedStream stream)
    {
        await using (stream)
        {
            ReadResult read;
            do
            {
                read = await stream.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> piece in read.Buffer)
                {
                    stream.Output.Write(piece.Span);
                }

                stream.Input.AdvanceTo(read.Buffer.End);
                await stream.Output.FlushAsync();
            }
            while (!read.IsCompleted);
            await stream.CloseWriteAsync(default);
        }
    }

    private static async Task<bool> Settles(Task task, TimeSpan within)
    {
        try
        {
            await task.WaitAsync(within);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
