using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Negotiation;
using Libp2p.Scheduling;

namespace Libp2p.Node.Streams;

/// <summary>
/// Agrees on the protocol of a stream we opened. Where the remote is known to speak it, nothing is waited for: the proposal leaves
/// with the first bytes, or at once if the initiator reads first, and the answer is checked before the first byte is read.
/// </summary>
/// <param name="known">What the remote speaks.</param>
/// <param name="options">Whether to be lazy, and the time for negotiation.</param>
/// <param name="time">The node's clock.</param>
/// <param name="refused">Told when the remote refuses what it was known to speak.</param>
internal sealed class OutboundNegotiation(PeerProtocols known, NodeOptions options, TimeProvider time, Action<ProtocolId> refused)
{
    /// <summary>Agrees, or assumes agreement. The stream still belongs to the caller when this fails.</summary>
    public ValueTask<NegotiatedStream> RunAsync(IMuxedStream stream, StreamRequest request, CancellationToken cancellationToken) =>
        options.LazyNegotiation && known.Choose(request.Protocols) is { } assumed
            ? AssumeAsync(stream, assumed, request, cancellationToken)
            : AskAsync(stream, request, cancellationToken);

    private async ValueTask<NegotiatedStream> AssumeAsync(
        IMuxedStream stream, ProtocolId assumed, StreamRequest request, CancellationToken cancellationToken)
    {
        LazyNegotiatedStream lazy = new(stream, assumed, time, options.NegotiationTimeout, agreed => OnAnswered(assumed, agreed), known.TakesEarlyEnd);
        if (!request.InitiatorWritesFirst)
        {
            await lazy.ProposeAsync(cancellationToken);
        }

        return new NegotiatedStream(lazy, assumed, IsOptimistic: true);
    }

    private async ValueTask<NegotiatedStream> AskAsync(IMuxedStream stream, StreamRequest request, CancellationToken cancellationToken)
    {
        using Deadline deadline = Deadline.Start(options.NegotiationTimeout, time, cancellationToken);
        try
        {
            ProtocolId agreed = await MultistreamSelect.InitiateAsync(stream, request.Protocols, deadline.Token);
            known.Agreed(request.Protocols, agreed);
            return new NegotiatedStream(stream, agreed, IsOptimistic: false);
        }
        catch (ProtocolNotSupportedException e)
        {
            throw new ProtocolNotSupportedException(e.Offered, supported: known.Supported); // a newer version of it may be among these
        }
        catch (OperationCanceledException e) when (deadline.IsOver)
        {
            throw deadline.Exceeded("Stream negotiation", e);
        }
    }

    private void OnAnswered(ProtocolId assumed, bool agreed)
    {
        if (!agreed)
        {
            known.Refused(assumed);
            refused(assumed);
        }
    }
}

/// <summary>A stream with its protocol.</summary>
/// <param name="Stream">The stream to use: the one that was given, or one around it.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="IsOptimistic">Whether the remote has still to agree.</param>
internal readonly record struct NegotiatedStream(IMuxedStream Stream, ProtocolId Protocol, bool IsOptimistic);
