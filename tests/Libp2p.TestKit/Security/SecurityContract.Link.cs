using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.TestKit;

/// <content>The secured link: it is a byte link like the one below it.</content>
public abstract partial class SecurityContract
{
    [Theory]
    [MemberData(nameof(Roles))]
    public void What_follows_the_last_message_at_once_stays_in_the_link(ConnectionRole role) => Run(async () =>
    {
        // The last piece that the role hears is held until the other end, if it is secured already, has written behind it.
        int last;
        await using (Handshake honest = Begin())
        {
            await honest.BothAsync();
            last = honest.Towards(role).Pieces[^1];
        }

        await using Handshake handshake = BeginAs(role, heard: heard => heard.HoldAt = last);
        await handshake.IdleAsync();
        bool isSecured = handshake.Of(Other(role)).IsCompletedSuccessfully;
        if (isSecured)
        {
            await (await handshake.Of(Other(role))).Link.Output.WriteAsync("at once"u8.ToArray());
            await handshake.IdleAsync();
        }

        handshake.Towards(role).Release();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        if (!isSecured)
        {
            await there.Output.WriteAsync("at once"u8.ToArray());
        }

        Assert.Equal("at once"u8.ToArray(), await here.Input.ReadExactlyAsync(7));
    });

    [Fact]
    public void A_handshake_and_what_follows_may_come_byte_by_byte() => Run(async () =>
    {
        await using Handshake handshake = Begin(tap: wire => wire.ToInitiator.IsDripping = wire.ToResponder.IsDripping = true);
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(ConnectionRole.Initiator);
        await here.Output.WriteAsync("there"u8.ToArray());
        await there.Output.WriteAsync("back"u8.ToArray());

        Assert.Equal("there"u8.ToArray(), await there.Input.ReadExactlyAsync(5));
        Assert.Equal("back"u8.ToArray(), await here.Input.ReadExactlyAsync(4));
    });

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(-1, 2)]
    [InlineData(1000, 3)]
    public void A_megabyte_each_way_in_random_pieces_arrives_as_it_was(int segmentSize, ulong seed) => Run(async () =>
    {
        const int Total = 1_000_000;
        await using Handshake handshake = Begin(segmentSize: segmentSize);
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(ConnectionRole.Initiator);
        await Task.WhenAll(
            RandomTraffic.WriteAsync(here.Output, Total, seed),
            RandomTraffic.WriteAsync(there.Output, Total, seed + 10),
            RandomTraffic.ReadAsync(there.Input, Total, seed + 20),
            RandomTraffic.ReadAsync(here.Input, Total, seed + 30));
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void An_empty_flush_sends_nothing_and_ends_nothing(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        Task<ReadResult> reading = there.Input.ReadAsync().AsTask();
        await here.Output.FlushAsync();
        await here.Output.WriteAsync(ReadOnlyMemory<byte>.Empty);
        await handshake.IdleAsync();
        Assert.False(reading.IsCompleted);

        await here.Output.WriteAsync("x"u8.ToArray());
        Assert.Equal(1, (await reading).Buffer.Length);
        there.Input.AdvanceTo((await reading).Buffer.End);
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Ending_one_direction_leaves_the_other_open(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.HalfCloses))
        {
            return;
        }

        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        await here.Output.WriteAsync("last"u8.ToArray());
        await here.Output.CompleteAsync();

        Assert.Equal("last"u8.ToArray(), await there.Input.ReadToEndAsync());
        for (byte i = 0; i < 5; i++)
        {
            await there.Output.WriteAsync(new byte[] { i });
            Assert.Equal([i], await here.Input.ReadExactlyAsync(1));
        }

        await there.Output.CompleteAsync();
        Assert.Empty(await here.Input.ReadToEndAsync());
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Disposing_sends_what_was_written_and_ends_the_link_below_once(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        "not flushed"u8.CopyTo(here.Output.GetSpan(11));
        here.Output.Advance(11);
        await here.DisposeAsync();
        await here.DisposeAsync();

        Assert.True(handshake.LinkOf(role).IsDisposed);
        Assert.Equal("not flushed"u8.ToArray(), await there.Input.ReadToEndAsync());
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Aborting_reaches_the_link_below_with_its_reason_and_fails_what_waits_at_both_ends(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        Task<ReadResult> ours = here.Input.ReadAsync().AsTask();
        Task<ReadResult> theirs = there.Input.ReadAsync().AsTask();
        EndReason reason = new(EndedBy.Local, ErrorCode.None, "We leave");
        here.Abort(reason);
        here.Abort(reason);
        Assert.Same(reason, handshake.LinkOf(role).AbortReason);
        handshake.Wire.Cut(); // what lies between the links forwards bytes, and no breaks

        await Assert.ThrowsAnyAsync<IOException>(() => ours);
        await Assert.ThrowsAnyAsync<IOException>(() => theirs);
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_writer_waits_for_a_reader_that_does_not_read(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        int all = 2 * MostHeld;
        int written = 0;
        Task writing = WriteAsync();
        await handshake.IdleAsync();
        Assert.InRange(written, 1, MostHeld);

        Task<byte[]> reading = there.Input.ReadExactlyAsync(all);
        await writing;
        Assert.Equal(all, (await reading).Length);

        async Task WriteAsync()
        {
            byte[] piece = new byte[16 * 1024];
            while (written < all)
            {
                await here.Output.WriteAsync(piece);
                written += piece.Length;
            }
        }
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_read_that_is_cancelled_loses_nothing(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        using CancellationTokenSource source = new();
        Task<ReadResult> reading = here.Input.ReadAsync(source.Token).AsTask();
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Task<ReadResult> again = here.Input.ReadAsync().AsTask();
        here.Input.CancelPendingRead();
        ReadResult read = await again;
        Assert.True(read is { IsCanceled: true, IsCompleted: false });
        here.Input.AdvanceTo(read.Buffer.End);

        await there.Output.WriteAsync("whole"u8.ToArray());
        Assert.Equal("whole"u8.ToArray(), await here.Input.ReadExactlyAsync(5));
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_flush_that_is_cancelled_loses_and_doubles_nothing(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        using CancellationTokenSource source = new();
        byte[] sent = new byte[2 * MostHeld];
        new SeededRandomSource(3).Fill(sent);
        int written = 0;
        Task writing = WriteAsync(source.Token);
        await handshake.IdleAsync();
        Assert.False(writing.IsCompleted);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);

        // The piece whose flush was cancelled was written; the next flush sends it.
        Task<byte[]> reading = there.Input.ReadExactlyAsync(sent.Length);
        await WriteAsync(default);
        Assert.Equal(sent, await reading);

        async Task WriteAsync(CancellationToken cancellationToken)
        {
            const int Piece = 16 * 1024;
            while (written < sent.Length)
            {
                sent.AsMemory(written, Piece).CopyTo(here.Output.GetMemory(Piece));
                here.Output.Advance(Piece);
                written += Piece;
                await here.Output.FlushAsync(cancellationToken);
            }
        }
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Nothing_that_is_written_can_be_read_on_the_wire(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.Protects))
        {
            return;
        }

        byte[] secret = "nobody between the ends reads this"u8.ToArray();
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        await here.Output.WriteAsync(secret);
        Assert.Equal(secret, await there.Input.ReadExactlyAsync(secret.Length));
        Assert.Equal(-1, handshake.Towards(Other(role)).Passed.ToArray().AsSpan().IndexOf(secret.AsSpan(0, 8)));
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_changed_bit_or_an_end_inside_what_was_written_is_an_error_and_delivers_nothing_else(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.Protects))
        {
            return;
        }

        byte[] sent = "0123456789"u8.ToArray();
        int length;
        await using (Handshake honest = Begin())
        {
            (IByteLink here, IByteLink there) = await honest.LinksAsync(role);
            int before = honest.Towards(Other(role)).Passed.Count;
            await here.Output.WriteAsync(sent);
            Assert.Equal(sent, await there.Input.ReadExactlyAsync(sent.Length));
            length = honest.Towards(Other(role)).Passed.Count - before;
        }

        for (int place = 0; place < length; place += Stride)
        {
            await SpoilAsync((heard, at) => heard.FlipAt = at);
            if (place > 0)
            {
                await SpoilAsync((heard, at) => heard.EndAt = at);
            }

            async Task SpoilAsync(Action<TappedDirection, int> spoil)
            {
                await using Handshake handshake = Begin();
                (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
                TappedDirection heard = handshake.Towards(Other(role));
                spoil(heard, heard.Passed.Count + place);
                await here.Output.WriteAsync(sent);
                await here.Output.CompleteAsync();
                await Assert.ThrowsAnyAsync<IOException>(() => there.Input.ReadToEndAsync());
                Assert.Empty(there.Input.ReadAvailableOrNothing());
            }
        }
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_wire_that_ends_between_two_writes_is_an_end_in_order_only_where_ends_are_not_protected(ConnectionRole role) => Run(async () =>
    {
        await using Handshake handshake = Begin();
        (IByteLink here, IByteLink there) = await handshake.LinksAsync(role);
        await here.Output.WriteAsync("all"u8.ToArray());
        Assert.Equal("all"u8.ToArray(), await there.Input.ReadExactlyAsync(3));
        Task<byte[]> reading = there.Input.ReadToEndAsync();
        await handshake.LinkOf(role).Output.CompleteAsync(); // not through the protocol

        if (Has(SecurityFeatures.ProtectsTheEnd))
        {
            await Assert.ThrowsAnyAsync<IOException>(() => reading);
        }
        else
        {
            Assert.Empty(await reading);
        }
    });
}
