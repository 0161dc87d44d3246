using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Tests.Faults;

/// <summary>A link whose output fails at one byte; the end that holds it does not know.</summary>
internal sealed class FaultyLink : IByteLink
{
    private readonly IByteLink _inner;
    private readonly FaultyWriter _output;

    public FaultyLink(IByteLink inner, Fault? fault)
    {
        _inner = inner;
        _output = new FaultyWriter(inner.Output, fault, () => inner.Abort(new EndReason(EndedBy.Link, ErrorCode.None, "the test broke it")));
        Input = new Reader(this);
    }

    public PipeReader Input { get; }

    public PipeWriter Output => _output;

    public Multiaddress LocalAddress => _inner.LocalAddress;

    public Multiaddress RemoteAddress => _inner.RemoteAddress;

    public bool IsRelayed => _inner.IsRelayed;

    public ConnectionLimit? Limit => _inner.Limit;

    /// <summary>Where each flush ended.</summary>
    public IReadOnlyList<long> Flushes => _output.Flushes;

    public bool HasFailed => _output.HasFailed;

    public void Abort(EndReason reason)
    {
        if (!_output.IsSilent)
        {
            _inner.Abort(reason);
        }
    }

    public ValueTask DisposeAsync() => _output.IsSilent ? ValueTask.CompletedTask : _inner.DisposeAsync();

    /// <summary>The end of the test: what a silent end still holds is given back.</summary>
    public ValueTask ClearAsync() => _inner.DisposeAsync();

    /// <summary>The input, whose completion a silent end keeps to itself.</summary>
    private sealed class Reader(FaultyLink link) : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed) => link._inner.Input.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => link._inner.Input.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => link._inner.Input.CancelPendingRead();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => link._inner.Input.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => link._inner.Input.TryRead(out result);

        public override void Complete(Exception? exception = null)
        {
            if (!link._output.IsSilent)
            {
                link._inner.Input.Complete(exception);
            }
        }
    }
}
