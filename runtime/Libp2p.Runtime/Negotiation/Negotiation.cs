using System.Buffers;

namespace Libp2p.Negotiation;

/// <summary>What one call of <see cref="Negotiation.Advance"/> did.</summary>
/// <param name="Consumed">Bytes that belonged to the negotiation; what follows them is not ours.</param>
/// <param name="Replied">Whether something was appended to the replies.</param>
/// <param name="Done">Whether the negotiation is over; what was agreed, the derived class tells.</param>
internal readonly record struct NegotiationProgress(long Consumed, bool Replied, bool Done);

/// <summary>One side of multistream-select: bytes in, bytes out. Knows no pipe and never waits.</summary>
internal abstract class Negotiation
{
    private bool _headerSeen;

    /// <summary>
    /// Whether what is no message ends the negotiation without agreement instead of breaking the rules: a lazy initiator sends its
    /// protocol's first bytes behind a proposal, before it knows that we refused it.
    /// </summary>
    public virtual bool MayMeetPayload => false;

    /// <summary>Appends what this side says without being asked.</summary>
    public virtual void Start(IBufferWriter<byte> replies) => Multistream.Write(replies, Multistream.Header);

    /// <summary>Handles the messages that are complete, up to the one that ends the negotiation.</summary>
    /// <param name="received">All bytes that were received and not consumed.</param>
    /// <param name="replies">Where answers are appended.</param>
    /// <exception cref="ProtocolViolationException">The remote broke the rules; nothing is consumed.</exception>
    public NegotiationProgress Advance(ReadOnlySequence<byte> received, IBufferWriter<byte> replies)
    {
        Span<byte> scratch = stackalloc byte[Multistream.MaxFrame];
        long consumed = 0;
        bool replied = false;

        if (!_headerSeen)
        {
            Multistream.CheckHeader(received);
        }

        while (Multistream.TryRead(received.Slice(consumed), scratch, out ReadOnlySpan<byte> text, out int length))
        {
            consumed += length;

            if (!_headerSeen)
            {
                _headerSeen = true;
                continue;
            }

            bool done = OnMessage(text, replies, out bool answered);
            replied |= answered;

            if (done)
            {
                return new NegotiationProgress(consumed, replied, Done: true);
            }
        }

        return new NegotiationProgress(consumed, replied, Done: false);
    }

    /// <summary>Handles one message after the header.</summary>
    /// <param name="text">The message.</param>
    /// <param name="replies">Where an answer is appended.</param>
    /// <param name="replied">Whether there is one.</param>
    /// <returns>Whether the negotiation is over.</returns>
    protected abstract bool OnMessage(ReadOnlySpan<byte> text, IBufferWriter<byte> replies, out bool replied);
}
