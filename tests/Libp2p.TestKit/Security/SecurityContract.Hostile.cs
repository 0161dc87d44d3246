using Libp2p.Connections;
using Libp2p.Security;

namespace Libp2p.TestKit;

/// <content>What a handshake makes of a wire and of remotes that do it wrong, at each of its steps.</content>
public abstract partial class SecurityContract
{
    [Theory]
    [MemberData(nameof(Roles))]
    public void An_end_at_any_byte_fails_the_handshake(ConnectionRole role) => Run(() => AtEachByteAsync(role, async place =>
    {
        await using Handshake handshake = BeginAs(role, heard: heard => heard.EndAt = place);
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));
        Assert.Equal(EndedBy.Remote, failed.Reason.By);
    }));

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_changed_bit_at_any_byte_fails_the_handshake(ConnectionRole role) => Run(async () =>
    {
        if (!Has(SecurityFeatures.Protects))
        {
            return;
        }

        await AtEachByteAsync(role, async place =>
        {
            await using Handshake handshake = BeginAs(role, heard: heard => heard.FlipAt = place);
            await EndWhenIdleAsync(handshake, role);
            HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));
            Assert.NotEqual(EndedBy.Local, failed.Reason.By);
        });
    });

    [Theory]
    [MemberData(nameof(Roles))]
    public void Garbage_from_any_byte_on_fails_the_handshake(ConnectionRole role) => Run(() => AtEachByteAsync(role, async place =>
    {
        await using Handshake handshake = BeginAs(role, heard: heard => heard.GarbleAt = place);
        await EndWhenIdleAsync(handshake, role);
        await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));
    }));

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_wire_that_is_cut_at_any_byte_fails_the_handshake_with_its_cause(ConnectionRole role) => Run(() => AtEachByteAsync(role, async place =>
    {
        await using Handshake handshake = BeginAs(role, heard: heard => heard.HoldAt = place);
        await handshake.IdleAsync();
        handshake.Wire.Cut();
        HandshakeException failed = await Assert.ThrowsAsync<HandshakeException>(() => handshake.Of(role));
        Assert.Equal(EndedBy.Link, failed.Reason.By);
        Assert.NotNull(failed.InnerException);
    }));

    [Theory]
    [MemberData(nameof(Roles))]
    public void Cancelling_at_any_byte_ends_the_handshake_and_leaves_the_link_to_the_caller(ConnectionRole role) => Run(() => AtEachByteAsync(role, async place =>
    {
        await using Handshake handshake = BeginAs(role, heard: heard => heard.HoldAt = place);
        await handshake.IdleAsync();
        Assert.False(handshake.Of(role).IsCompleted);
        (role == ConnectionRole.Initiator ? handshake.InitiatorGivesUp : handshake.ResponderGivesUp).Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => handshake.Of(role));
    }));

    [Theory]
    [MemberData(nameof(Roles))]
    public void A_token_that_is_cancelled_already_ends_the_handshake(ConnectionRole role) => Run(async () =>
    {
        MemoryLinkPair pair = new(_queue);
        Task<SecuredLink> securing = SecureAsync(pair.First, Request(role, Alice), seed: 1, new CancellationToken(canceled: true));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => securing);
    });

    [Theory]
    [InlineData(ConnectionRole.Initiator, "zeros")]
    [InlineData(ConnectionRole.Initiator, "ones")]
    [InlineData(ConnectionRole.Initiator, "longest varint")]
    [InlineData(ConnectionRole.Initiator, "random")]
    [InlineData(ConnectionRole.Responder, "zeros")]
    [InlineData(ConnectionRole.Responder, "ones")]
    [InlineData(ConnectionRole.Responder, "longest varint")]
    [InlineData(ConnectionRole.Responder, "random")]
    public void A_remote_that_never_ends_is_refused_before_much_was_taken_from_it(ConnectionRole role, string what) => Run(async () =>
    {
        MemoryLinkPair pair = new(_queue, pauseAt: 1024);
        Task<SecuredLink> securing = SecureAsync(pair.First, Request(role, Alice), seed: 1, default);
        byte[] piece = Piece(what);
        int sent = 0;
        while (!securing.IsCompleted)
        {
            Assert.True(sent <= MostBeforeAuthentication + 2048, $"{sent} bytes were taken from a remote that is not authenticated.");
            await pair.Second.Output.WriteAsync(piece); // waits while more than a pipe's worth is not taken
            sent += piece.Length;
            await _queue.IdleAsync();
        }

        HandshakeException refused = await Assert.ThrowsAsync<HandshakeException>(() => securing);
        Assert.NotEqual(EndedBy.Local, refused.Reason.By);
        await pair.Second.DisposeAsync();
    });

    /// <summary>A length that was made longer waits for bytes that are never sent: what the role hears ends then.</summary>
    private static async Task EndWhenIdleAsync(Handshake handshake, ConnectionRole role)
    {
        await handshake.IdleAsync();
        await handshake.LinkOf(Other(role)).Output.CompleteAsync();
    }

    private static byte[] Piece(string what)
    {
        byte[] piece = new byte[512];
        switch (what)
        {
            case "ones":
                piece.AsSpan().Fill(0xFF);
                break;
            case "longest varint":
                piece.AsSpan().Fill(0x80);
                piece[8] = 0x7F;
                break;
            case "random":
                new SeededRandomSource(5).Fill(piece);
                break;
        }

        return piece;
    }

    /// <summary>The bytes that each role hears in a handshake with which nothing is wrong, by role.</summary>
    private async Task<int[]> HonestAsync()
    {
        await using Handshake handshake = Begin();
        await handshake.BothAsync();
        int[] lengths = new int[2];
        lengths[(int)ConnectionRole.Initiator] = handshake.Wire.ToInitiator.Passed.Count;
        lengths[(int)ConnectionRole.Responder] = handshake.Wire.ToResponder.Passed.Count;
        return lengths;
    }

    /// <summary>Does something at each byte that the role hears during the handshake.</summary>
    private async Task AtEachByteAsync(ConnectionRole role, Func<int, Task> spoil)
    {
        int length = (await HonestAsync())[(int)role];
        for (int place = 0; place < length; place += Stride)
        {
            await spoil(place);
        }
    }
}
