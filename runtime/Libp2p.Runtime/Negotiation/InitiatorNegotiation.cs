using System.Buffers;

namespace Libp2p.Negotiation;

/// <summary>The initiator: proposes one id after the other until one is echoed.</summary>
/// <param name="offers">Ids in order of preference, at least one.</param>
internal sealed class InitiatorNegotiation(IReadOnlyList<ProtocolId> offers) : Negotiation
{
    private int _current;

    /// <summary>What was agreed; null when all offers were refused, or not yet.</summary>
    public ProtocolId? Agreed { get; private set; }

    /// <summary>What is offered.</summary>
    public IReadOnlyList<ProtocolId> Offers => offers;

    /// <summary>The offer that waits for an answer.</summary>
    public ProtocolId Current => offers[Math.Min(_current, offers.Count - 1)];

    /// <summary>Header and first proposal go together: rust and js say nothing before they have seen the header.</summary>
    public override void Start(IBufferWriter<byte> replies)
    {
        base.Start(replies);
        Multistream.Write(replies, offers[0]);
    }

    protected override bool OnMessage(ReadOnlySpan<byte> text, IBufferWriter<byte> replies, out bool replied)
    {
        replied = false;

        if (text.SequenceEqual(offers[_current].Utf8))
        {
            Agreed = offers[_current];
            return true;
        }

        if (!text.SequenceEqual(Multistream.NotAvailable.Utf8))
        {
            throw new ProtocolViolationException(
                $"The remote answered the proposal of {offers[_current]} with {WireText.Quote(text)}, neither echo nor refusal");
        }

        if (++_current == offers.Count)
        {
            return true;
        }

        Multistream.Write(replies, offers[_current]);
        replied = true;
        return false;
    }
}
