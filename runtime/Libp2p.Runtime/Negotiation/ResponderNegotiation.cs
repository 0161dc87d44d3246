using System.Buffers;

namespace Libp2p.Negotiation;

/// <summary>The responder: echoes the first proposal that the table knows, refuses the others.</summary>
internal sealed class ResponderNegotiation<T>(IProtocolTable<T> table) : Negotiation
{
    /// <summary>Messages an initiator may send after its header. Real ones offer a handful; rust stops at 1,000 ids.</summary>
    public const int MaxProposals = 128;

    private int _proposals;
    private bool _hasRefused;

    public override bool MayMeetPayload => _hasRefused;

    /// <summary>What was agreed; null until then.</summary>
    public Agreed<T>? Agreed { get; private set; }

    protected override bool OnMessage(ReadOnlySpan<byte> text, IBufferWriter<byte> replies, out bool replied)
    {
        replied = true;

        if (++_proposals > MaxProposals)
        {
            _hasRefused = false; // no payload goes on like this
            throw new ProtocolViolationException(
                $"The remote proposed more than {MaxProposals} protocols, the last of them {WireText.Quote(text)}");
        }

        if (table.TryFind(text, out ProtocolId? id, out T? handler))
        {
            Agreed = new Agreed<T>(id, handler);
            Multistream.Write(replies, id);
            return true;
        }

        if (text.SequenceEqual(Multistream.List.Utf8))
        {
            Multistream.WriteList(replies, table.Ids);
        }
        else
        {
            _hasRefused = true;
            Multistream.Write(replies, Multistream.NotAvailable);
        }

        return false;
    }
}
