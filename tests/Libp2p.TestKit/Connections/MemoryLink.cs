using System.IO.Pipelines;
using Libp2p.Connections;
using Libp2p.Scheduling;

namespace Libp2p.TestKit;

/// <summary>One end of a <see cref="MemoryLinkPair"/>. Records how its holder ends it.</summary>
public sealed class MemoryLink : IByteLink
{
    private readonly BreakableReader _input;
    private readonly BreakableWriter _output;

    internal MemoryLink(IDuplexPipe pipes, NodeScheduler? scheduler, string local, string remote)
    {
        _input = new BreakableReader(pipes.Input, scheduler);
        _output = new BreakableWriter(pipes.Output);
        LocalAddress = Multiaddress.Parse(local);
        RemoteAddress = Multiaddress.Parse(remote);
    }

    internal MemoryLink? Remote { get; set; }

    /// <summary>Whether it breaks its contract when it is aborted.</summary>
    public bool ThrowsWhenAborted { get; set; }

    /// <inheritdoc/>
    public PipeReader Input => _input;

    /// <inheritdoc/>
    public PipeWriter Output => _output;

    /// <inheritdoc/>
    public Multiaddress LocalAddress { get; }

    /// <inheritdoc/>
    public Multiaddress RemoteAddress { get; }

    /// <inheritdoc/>
    public bool IsRelayed => false;

    /// <inheritdoc/>
    public ConnectionLimit? Limit => null;

    /// <summary>The reason with which the holder aborted it; null otherwise.</summary>
    public EndReason? AbortReason { get; private set; }

    /// <summary>Whether the holder disposed of it.</summary>
    public bool IsDisposed { get; private set; }

    /// <inheritdoc/>
    public void Abort(EndReason reason)
    {
        if (ThrowsWhenAborted)
        {
            throw new InvalidOperationException("This link cannot be aborted.");
        }

        if (AbortReason is null)
        {
            AbortReason = reason;
            Break(new ConnectionClosedException(reason.Reason, reason));
            Remote!.Break(new IOException("Connection reset by peer"));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await _output.CompleteAsync();
        await _input.CompleteAsync();
    }

    private void Break(Exception cause)
    {
        _input.Break(cause);
        _output.Break(cause);
    }
}
