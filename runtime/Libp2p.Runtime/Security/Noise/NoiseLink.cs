using System.IO.Pipelines;
using Libp2p.Connections;

namespace Libp2p.Security.Noise;

/// <summary>A link after the handshake. Owns the link below it and the keys, which are wiped when a direction is completed.</summary>
internal sealed class NoiseLink : IByteLink
{
    private readonly IByteLink _link;
    private readonly NoiseReader _input;
    private readonly NoiseWriter _output;

    public NoiseLink(IByteLink link, CipherState send, CipherState receive)
    {
        _link = link;
        _input = new NoiseReader(link.Input, receive);
        _output = new NoiseWriter(link.Output, send);
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public Multiaddress LocalAddress => _link.LocalAddress;

    public Multiaddress RemoteAddress => _link.RemoteAddress;

    public bool IsRelayed => _link.IsRelayed;

    public ConnectionLimit? Limit => _link.Limit;

    public void Abort(EndReason reason) => _link.Abort(reason);

    /// <summary>Sends what was written, ends both directions, and waits for the link below.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _output.CompleteAsync();
            await _input.CompleteAsync();
        }
        finally
        {
            await _link.DisposeAsync();
        }
    }
}
