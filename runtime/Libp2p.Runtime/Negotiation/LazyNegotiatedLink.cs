using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Libp2p.Connections;

namespace Libp2p.Negotiation;

/// <summary>
/// A byte link for which we have one security protocol to propose, so that its negotiation costs no round trip: header and proposal leave
/// with the first bytes written, and the remote's answer is taken off before the first byte read. Rust's upgrades do the same.
/// </summary>
/// <remarks>
/// A refusal surfaces from the first read, and stays in <see cref="Failure"/>. One reader and one writer at a time. Once the answer has
/// come, <see cref="Input"/> is the link's own. Owns the link.
/// </remarks>
internal sealed class LazyNegotiatedLink : IByteLink
{
    private readonly IByteLink _link;
    private readonly InitiatorNegotiation _negotiation;
    private readonly AnswerReader _input;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Writes the proposal to the link's output, without flushing.</summary>
    public LazyNegotiatedLink(IByteLink link, ProtocolId offer)
    {
        _link = link;
        _negotiation = new InitiatorNegotiation([offer]);
        _input = new AnswerReader(this);
        _negotiation.Start(link.Output);
    }

    /// <summary>What the negotiation failed with; null until it did.</summary>
    public ExceptionDispatchInfo? Failure => _failure;

    public PipeReader Input => _negotiation.Agreed is null ? _input : _link.Input;

    public PipeWriter Output => _link.Output;

    public Multiaddress LocalAddress => _link.LocalAddress;

    public Multiaddress RemoteAddress => _link.RemoteAddress;

    public bool IsRelayed => _link.IsRelayed;

    public ConnectionLimit? Limit => _link.Limit;

    public void Abort(EndReason reason) => _link.Abort(reason);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        try
        {
            _failure?.Throw();
            await _link.Output.FlushAsync(cancellationToken); // for who reads before anything was written
            while (!TryRead(await _link.Input.ReadAsync(cancellationToken)))
            {
            }
        }
        catch (Libp2pException failure)
        {
            _failure = ExceptionDispatchInfo.Capture(failure);
            throw;
        }
    }

    private bool TryRead(ReadResult read)
    {
        NegotiationProgress progress = MultistreamSelect.Read(_link.Input, read, _negotiation, _link.Output);
        if (!progress.Done)
        {
            return read.IsCompleted
                ? throw new NegotiationException($"The remote ended its direction instead of answering the proposal of {_negotiation.Current}")
                : false;
        }

        return _negotiation.Agreed is not null ? true : throw new ProtocolNotSupportedException(_negotiation.Offers);
    }

    /// <summary>The link's input, after the answer.</summary>
    private sealed class AnswerReader(LazyNegotiatedLink owner) : PipeReader
    {
        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            owner._negotiation.Agreed is null ? ReadAfterAnswerAsync(cancellationToken) : owner._link.Input.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return owner._negotiation.Agreed is not null && owner._link.Input.TryRead(out result);
        }

        public override void AdvanceTo(SequencePosition consumed) => owner._link.Input.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => owner._link.Input.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => owner._link.Input.CancelPendingRead();

        public override void Complete(Exception? exception = null) => owner._link.Input.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => owner._link.Input.CompleteAsync(exception);

        private async ValueTask<ReadResult> ReadAfterAnswerAsync(CancellationToken cancellationToken)
        {
            await owner.ConfirmAsync(cancellationToken);
            return await owner._link.Input.ReadAsync(cancellationToken);
        }
    }
}
