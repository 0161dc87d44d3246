using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Security.Tls;

/// <summary>A link after the handshake. Owns the link below it; the keys go when both directions are completed.</summary>
internal sealed class TlsLink(IByteLink link, TlsSession session) : IByteLink
{
    private readonly TlsReader _input = new(link.Input, session);
    private readonly TlsWriter _output = new(link.Output, session);

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public Multiaddress LocalAddress => link.LocalAddress;

    public Multiaddress RemoteAddress => link.RemoteAddress;

    public bool IsRelayed => link.IsRelayed;

    public ConnectionLimit? Limit => link.Limit;

    public void Abort(EndReason reason) => link.Abort(reason);

    /// <summary>Sends what was written and a close_notify, ends both directions, and waits for the link below.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _output.CompleteAsync();
            await _input.CompleteAsync();
        }
        finally
        {
            await link.DisposeAsync();
        }
    }
}
