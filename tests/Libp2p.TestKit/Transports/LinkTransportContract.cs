using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Transports;

namespace Libp2p.TestKit;

/// <summary>Every rule of a transport that yields byte links, from both ends. Inherit it and say how to listen.</summary>
public abstract class LinkTransportContract
{
    /// <summary>How long what should happen may take before a test gives up.</summary>
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly EndReason s_weLeave = new(EndedBy.Local, ErrorCode.None, "We leave");

    /// <summary>A transport of a node, which reaches those of other nodes.</summary>
    protected abstract ILinkTransport Create();

    /// <summary>An address to listen on whose port is free.</summary>
    protected abstract Multiaddress Anywhere { get; }

    /// <summary>Bytes that a link may hold in one direction before its writer waits.</summary>
    protected abstract long MostHeld { get; }

    [Fact]
    public async Task The_ends_of_a_link_name_each_other()
    {
        await using Pair pair = await ConnectAsync();
        Assert.Equal(pair.Dialled.LocalAddress, pair.Accepted.RemoteAddress);
        Assert.Equal(pair.Dialled.RemoteAddress, pair.Accepted.LocalAddress);
        Assert.Equal(pair.Listener.Addresses[0], pair.Dialled.RemoteAddress);
        Assert.False(pair.Dialled.IsRelayed || pair.Accepted.IsRelayed);
        Assert.Null(pair.Dialled.Limit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bytes_arrive_whole_and_in_order_however_they_are_split(bool dialerWrites)
    {
        await using Pair pair = await ConnectAsync();
        (IByteLink from, IByteLink to) = pair.WrittenBy(dialerWrites);
        byte[] bytes = new byte[3_000_000];
        Random random = new(1);
        random.NextBytes(bytes);
        Task<byte[]> reading = to.Input.ReadToEndAsync();
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(random.Next(1, 100_000), bytes.Length - at);
            bytes.AsSpan(at, length).CopyTo(from.Output.GetSpan(length));
            from.Output.Advance(length);
            if (random.Next(2) == 0)
            {
                await Soon(from.Output.FlushAsync().AsTask());
            }

            at += length;
        }

        await Soon(from.Output.CompleteAsync().AsTask()); // flushes what is left
        Assert.Equal(bytes, await Soon(reading));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Ending_one_direction_leaves_the_other_open(bool dialerEnds)
    {
        await using Pair pair = await ConnectAsync();
        (IByteLink from, IByteLink to) = pair.WrittenBy(dialerEnds);
        await from.Output.WriteAsync("last"u8.ToArray());
        await from.Output.CompleteAsync();

        Assert.Equal("last"u8.ToArray(), await Soon(to.Input.ReadToEndAsync()));
        for (byte i = 0; i < 10; i++)
        {
            await Soon(to.Output.WriteAsync(new byte[] { i }).AsTask());
            Assert.Equal([i], await Soon(from.Input.ReadExactlyAsync(1)));
        }

        await to.Output.CompleteAsync();
        Assert.Empty(await Soon(from.Input.ReadToEndAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_waits_for_a_reader_that_does_not_read_and_goes_on_when_it_does(bool dialerWrites)
    {
        await using Pair pair = await ConnectAsync();
        (IByteLink from, IByteLink to) = pair.WrittenBy(dialerWrites);
        long all = 4 * MostHeld;
        long written = 0;
        Task writing = WriteAsync();

        // The other direction goes on meanwhile, and its round trips give the writer all the time that it wants.
        await Soon(to.Output.WriteAsync(new byte[1000]).AsTask());
        Assert.Equal(1000, (await Soon(from.Input.ReadExactlyAsync(1000))).Length);

        for (long read = 0; read < all;)
        {
            Assert.InRange(Interlocked.Read(ref written), 0, read + MostHeld);
            ReadResult result = await Soon(to.Input.ReadAsync().AsTask());
            read += result.Buffer.Length;
            to.Input.AdvanceTo(result.Buffer.End);
        }

        await Soon(writing);

        async Task WriteAsync()
        {
            await Task.Yield();
            byte[] piece = new byte[64 * 1024];
            for (long left = all; left > 0; left -= piece.Length)
            {
                await from.Output.WriteAsync(piece.AsMemory(0, (int)Math.Min(left, piece.Length)));
                Interlocked.Add(ref written, Math.Min(left, piece.Length));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Aborting_a_link_breaks_both_directions_at_both_ends(bool dialerAborts)
    {
        await using Pair pair = await ConnectAsync();
        (IByteLink here, IByteLink there) = pair.WrittenBy(dialerAborts);
        Task<byte[]> ours = here.Input.ReadToEndAsync();
        Task<byte[]> theirs = there.Input.ReadToEndAsync();

        here.Abort(s_weLeave);
        here.Abort(s_weLeave);

        await Assert.ThrowsAnyAsync<Exception>(() => Soon(ours));
        await Assert.ThrowsAsync<IOException>(() => Soon(theirs));
        await Assert.ThrowsAsync<IOException>(() => Soon(there.Output.WriteAsync(new byte[1000]).AsTask()));
        await Soon(here.DisposeAsync().AsTask());
        await Soon(there.DisposeAsync().AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_that_waits_ends_when_the_other_end_goes(bool aborts)
    {
        await using Pair pair = await ConnectAsync();
        Task filling = FillAsync(pair.Dialled);
        Assert.Single(await Soon(pair.Accepted.Input.ReadExactlyAsync(1)));
        if (aborts)
        {
            pair.Accepted.Abort(s_weLeave);
        }

        await Soon(pair.Accepted.DisposeAsync().AsTask());
        await Soon(filling);

        async Task FillAsync(IByteLink link)
        {
            await Task.Yield();
            try
            {
                while (!(await link.Output.WriteAsync(new byte[64 * 1024])).IsCompleted)
                {
                }
            }
            catch (IOException)
            {
                // A socket tells it this way, a pipe by the result.
            }
        }
    }

    [Fact]
    public async Task Who_knocks_waits_to_be_accepted_and_comes_in_order()
    {
        const int Count = 100;
        await using ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        ILinkTransport dialer = Create();
        List<IByteLink> dialled = [];
        for (byte i = 0; i < Count; i++)
        {
            IByteLink link = await Soon(dialer.DialAsync(TransportDials.To(listener.Addresses[0]), default).AsTask());
            await link.Output.WriteAsync(new byte[] { i }); // before anybody has accepted it
            dialled.Add(link);
        }

        for (byte i = 0; i < Count; i++)
        {
            await using IByteLink accepted = await AcceptAsync(listener);
            Assert.Equal([i], await Soon(accepted.Input.ReadExactlyAsync(1)));
            Assert.Equal(dialled[i].LocalAddress, accepted.RemoteAddress);
        }

        foreach (IByteLink link in dialled)
        {
            await link.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_is_refused_sees_the_link_end()
    {
        await using ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        await using IByteLink dialled = await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default);
        IPendingConnection<IByteLink> pending = (await Soon(listener.AcceptAsync(default).AsTask()))!;
        Assert.Equal(dialled.LocalAddress, pending.RemoteAddress);
        await pending.DisposeAsync();
        await pending.DisposeAsync();

        try
        {
            Assert.Empty(await Soon(dialled.Input.ReadToEndAsync()));
        }
        catch (IOException)
        {
            // A reset will do as well.
        }
    }

    [Fact]
    public async Task A_listener_that_is_disposed_of_accepts_no_more_and_what_it_accepted_lives_on()
    {
        await using Pair pair = await ConnectAsync();
        Task<IPendingConnection<IByteLink>?> accepting = pair.Listener.AcceptAsync(default).AsTask();
        await pair.Listener.DisposeAsync();
        await pair.Listener.DisposeAsync();

        Assert.Null(await Soon(accepting));
        Assert.Null(await Soon(pair.Listener.AcceptAsync(default).AsTask()));
        await Assert.ThrowsAsync<IOException>(() => Soon(Create().DialAsync(TransportDials.To(pair.Listener.Addresses[0]), default).AsTask()));
        await pair.Accepted.Output.WriteAsync(new byte[1]);
        Assert.Single(await Soon(pair.Dialled.Input.ReadExactlyAsync(1)));
    }

    [Fact]
    public async Task An_address_is_listened_on_once()
    {
        ILinkTransport transport = Create();
        await using ITransportListener<IByteLink> listener = await transport.ListenAsync(Anywhere, default);
        await Assert.ThrowsAsync<IOException>(() => transport.ListenAsync(listener.Addresses[0], default).AsTask());
    }

    [Fact]
    public async Task Waiting_to_accept_can_be_given_up_and_taken_up_again()
    {
        await using ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        using CancellationTokenSource source = new();
        Task<IPendingConnection<IByteLink>?> accepting = listener.AcceptAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(accepting));

        await using IByteLink dialled = await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default);
        await using IByteLink accepted = await AcceptAsync(listener);
        Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress);
    }

    [Fact]
    public async Task A_dial_that_is_cancelled_already_makes_no_link()
    {
        await using ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Soon(Create().DialAsync(TransportDials.To(listener.Addresses[0]), new CancellationToken(canceled: true)).AsTask()));

        await using IByteLink dialled = await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default);
        await using IByteLink accepted = await AcceptAsync(listener);
        Assert.Equal(dialled.LocalAddress, accepted.RemoteAddress); // the first that comes is the one that was dialled
    }

    [Theory]
    [InlineData("/memory/1")]
    [InlineData("/dns4/example.com/tcp/443/wss")]
    [InlineData("/ip6/::1/tcp/4001")]
    [InlineData("/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp/p2p-circuit")]
    [InlineData("/ip4/127.0.0.1/udp/0/quic-v1/webtransport/p2p-circuit/ip4/1.2.3.4/tcp/1")]
    public void An_address_of_any_form_is_judged_without_an_exception(string address)
    {
        ILinkTransport transport = Create();
        Multiaddress parsed = Multiaddress.Parse(address);
        _ = transport.CanDial(parsed);
        _ = transport.CanListen(parsed);
        Assert.True(transport.CanListen(Anywhere));
        Assert.NotEmpty(transport.Name);
    }

    private static async Task<IByteLink> AcceptAsync(ITransportListener<IByteLink> listener)
    {
        await using IPendingConnection<IByteLink> pending = (await Soon(listener.AcceptAsync(default).AsTask()))!;
        return await pending.AcceptAsync(TransportDials.AdmitsAll, default);
    }

    private static Task Soon(Task task) => task.WaitAsync(Patience);

    private static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    private async Task<Pair> ConnectAsync()
    {
        ITransportListener<IByteLink> listener = await Create().ListenAsync(Anywhere, default);
        IByteLink dialled = await Create().DialAsync(TransportDials.To(listener.Addresses[0]), default);
        return new Pair(listener, dialled, await AcceptAsync(listener));
    }

    private sealed record Pair(ITransportListener<IByteLink> Listener, IByteLink Dialled, IByteLink Accepted) : IAsyncDisposable
    {
        public (IByteLink From, IByteLink To) WrittenBy(bool dialer) => dialer ? (Dialled, Accepted) : (Accepted, Dialled);

        public async ValueTask DisposeAsync()
        {
            await Listener.DisposeAsync();
            Dialled.Abort(s_weLeave); // a test that failed may have left somebody writing
            Accepted.Abort(s_weLeave);
            await Dialled.DisposeAsync();
            await Accepted.DisposeAsync();
        }
    }
}
