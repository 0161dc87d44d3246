using System.Buffers;
using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;
using Libp2p.Security;
using Libp2p.Security.Tls;
using Libp2p.TestKit;
using Libp2p.TestKit.Accounts;
using Libp2p.TestKit.Scheduling;

namespace Libp2p.Tests.Security.Tls;

/// <summary>The link after the handshake, beside what the contract has.</summary>
public sealed class TlsLinkTests : IDisposable
{
    private static readonly KeyPairSigner s_self = TestIdentity.Ed25519(82);

    private readonly QueueScheduler _queue = new();
    private readonly TlsSecurity _tls;

    public TlsLinkTests() =>
        _tls = new TlsSecurity(TestIdentity.Verifier, new NodeSeams(new ManualClock(CertificateRecipe.Now), new SeededRandomSource(2), ThreadPoolScheduler.Instance));

    public void Dispose() => _tls.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(16_384, 1)]
    [InlineData(16_385, 2)]
    [InlineData(100_000, 7)]
    [InlineData(1_000_000, 62)]
    public void A_write_is_cut_into_as_few_records_as_can_be(int size, int records) => _queue.Run(async () =>
    {
        MemoryLinkPair pair = new(_queue, pauseAt: 4_000_000);
        (IByteLink here, IByteLink there) = await ConnectAsync(pair);
        byte[] sent = new byte[size];
        new SeededRandomSource(9).Fill(sent);
        await here.Output.WriteAsync(sent);
        ReadResult below = await pair.Second.Input.ReadAsync();
        Assert.Equal(records, Records(below.Buffer).Count);
        Assert.All(Records(below.Buffer), type => Assert.Equal(23, type));
        pair.Second.Input.AdvanceTo(below.Buffer.Start);
        Assert.Equal(sent, await there.Input.ReadExactlyAsync(size));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(200_000)]
    public void Room_may_be_of_any_size_and_be_used_in_part(int size) => _queue.Run(async () =>
    {
        (IByteLink here, IByteLink there) = await ConnectAsync(new MemoryLinkPair(_queue, pauseAt: 4_000_000));
        for (int i = 0; i < 3; i++)
        {
            here.Output.GetSpan(size)[..size].Fill((byte)i);
            here.Output.Advance(size);
            here.Output.GetMemory(2 * size);
        }

        Assert.Equal(3 * size, here.Output.UnflushedBytes);
        await here.Output.FlushAsync();
        Assert.Equal(0, here.Output.UnflushedBytes);
        byte[] received = await there.Input.ReadExactlyAsync(3 * size);
        Assert.Equal([.. Enumerable.Range(0, 3 * size).Select(i => (byte)(i / size))], received);
        Assert.Throws<ArgumentOutOfRangeException>(() => here.Output.Advance(1));
    });

    [Fact]
    public void Small_records_share_memory_and_an_idle_link_rents_none() => _queue.Run(async () =>
    {
        (IByteLink here, IByteLink there) = await ConnectAsync(new MemoryLinkPair(_queue, pauseAt: 4_000_000));
        using ArrayPoolWatch watch = ArrayPoolWatch.Start(thisThread: true);
        for (int i = 0; i < 1000; i++)
        {
            await here.Output.WriteAsync(new byte[1]);
        }

        ReadResult read = await there.Input.ReadAsync();
        Assert.Equal(1000, read.Buffer.Length);
        Assert.InRange(read.Buffer.ToArray().Length / Segments(read.Buffer), 500, 1000);
        there.Input.AdvanceTo(read.Buffer.End);

        Task<ReadResult> waiting = there.Input.ReadAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.True(watch.Count == 0, string.Join("; ", watch.Left));
        await here.Output.WriteAsync("x"u8.ToArray());
        there.Input.AdvanceTo((await waiting).Buffer.End);
        await here.DisposeAsync();
        await there.DisposeAsync();
        Assert.True(watch.Count <= 2, string.Join("; ", watch.Left)); // SslStream (.NET 10) never returns the 32 bytes of its close_notify
    });

    [Fact]
    public void A_record_costs_no_allocation() => _queue.Run(async () =>
    {
        (IByteLink here, IByteLink there) = await ConnectAsync(new MemoryLinkPair(_queue));
        byte[] source = new byte[1000];
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 10 && least > 0; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                await here.Output.WriteAsync(source); // completes at once
                Assert.True(there.Input.TryRead(out ReadResult read));
                Assert.True(read.Buffer.Length == 1000);
                there.Input.AdvanceTo(read.Buffer.End);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    });

    [Fact]
    public void The_end_is_told_by_a_close_notify() => _queue.Run(async () =>
    {
        MemoryLinkPair pair = new(_queue);
        (IByteLink here, IByteLink there) = await ConnectAsync(pair);
        await here.Output.WriteAsync("all"u8.ToArray());
        await here.Output.CompleteAsync();

        ReadResult below = await pair.Second.Input.ReadAtLeastAsync(1);
        Assert.Equal([23, 23], Records(below.Buffer)); // the data, and the close_notify that is encrypted, too
        pair.Second.Input.AdvanceTo(below.Buffer.Start);
        Assert.Equal("all"u8.ToArray(), await there.Input.ReadToEndAsync());
    });

    [Fact]
    public void What_follows_a_close_notify_is_dropped() => _queue.Run(async () =>
    {
        MemoryLinkPair pair = new(_queue);
        TappedEnd tapped = new(pair.First.Output);
        (IByteLink here, IByteLink there) = await ConnectAsync(pair, tapped);
        await here.Output.WriteAsync("all"u8.ToArray());
        tapped.Trailer = "no record"u8.ToArray();
        await here.Output.CompleteAsync();
        Assert.Equal("all"u8.ToArray(), await there.Input.ReadToEndAsync());
    });

    [Fact]
    public void Reading_and_writing_after_completion_are_mistakes_of_the_caller() => _queue.Run(async () =>
    {
        (IByteLink here, IByteLink _) = await ConnectAsync(new MemoryLinkPair(_queue));
        await here.DisposeAsync();
        Assert.Throws<InvalidOperationException>(() => here.Output.GetMemory());
        Assert.Throws<InvalidOperationException>(() => here.Input.TryRead(out _));
        await here.Output.CompleteAsync();
        await here.Input.CompleteAsync();
    });

    private async Task<(IByteLink Here, IByteLink There)> ConnectAsync(MemoryLinkPair pair, PipeWriter? output = null)
    {
        IByteLink first = output is null ? pair.First : new OtherOutput(pair.First, output);
        Task<SecuredLink> responding = _tls.SecureAsync(pair.Second, Request(ConnectionRole.Responder), default).AsTask();
        SecuredLink initiator = await _tls.SecureAsync(first, Request(ConnectionRole.Initiator), default);
        SecuredLink responder = await responding;
        await responder.Link.Output.WriteAsync(new byte[1]);
        await initiator.Link.Input.ReadExactlyAsync(1); // the responder's tickets with it
        return (initiator.Link, responder.Link);
    }

    private static SecurityRequest Request(ConnectionRole role) => new() { Role = role, ExpectedPeer = ExpectedPeer.Anyone, Identity = s_self };

    private static List<byte> Records(ReadOnlySequence<byte> bytes)
    {
        List<byte> types = [];
        while (TlsRecord.TryTake(bytes, out ReadOnlySequence<byte> record))
        {
            types.Add(TlsRecord.TypeOf(record));
            bytes = bytes.Slice(record.End);
        }

        return types;
    }

    private static int Segments(ReadOnlySequence<byte> bytes)
    {
        int count = 0;
        foreach (ReadOnlyMemory<byte> _ in bytes)
        {
            count++;
        }

        return count;
    }

    /// <summary>A link with another output.</summary>
    private sealed class OtherOutput(IByteLink inner, PipeWriter output) : IByteLink
    {
        public PipeReader Input => inner.Input;

        public PipeWriter Output => output;

        public Multiaddress LocalAddress => inner.LocalAddress;

        public Multiaddress RemoteAddress => inner.RemoteAddress;

        public bool IsRelayed => inner.IsRelayed;

        public ConnectionLimit? Limit => inner.Limit;

        public void Abort(EndReason reason) => inner.Abort(reason);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    /// <summary>Writes something behind everything else.</summary>
    private sealed class TappedEnd(PipeWriter inner) : PipeWriter
    {
        public byte[] Trailer { get; set; } = [];

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void Complete(Exception? exception = null)
        {
            inner.Write(Trailer);
            inner.Complete(exception);
        }
    }
}
