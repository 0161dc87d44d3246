using Libp2p.Connections;
using Libp2p.Muxers;

namespace Libp2p.Tests.Upgrade;

/// <summary>A muxer that opens no streams: enough for what comes before it.</summary>
internal sealed class StubMuxer(string id) : IMuxer
{
    public ProtocolId Id { get; } = id;

    public Exception? Fails { get; init; }

    public IMuxedConnection Attach(IByteLink link, MuxerContext context) =>
        Fails is null ? new StubConnection(link, context) : throw Fails;
}

internal sealed class StubConnection(IByteLink link, MuxerContext context) : IMuxedConnection
{
    public IByteLink Link => link;

    public MuxerContext Context => context;

    public MuxerCapabilities Capabilities => MuxerCapabilities.None;

    public Task<EndReason> Completion { get; } = new TaskCompletionSource<EndReason>().Task;

    public int StreamCount => 0;

    public Multiaddress LocalAddress => link.LocalAddress;

    public Multiaddress RemoteAddress => link.RemoteAddress;

    public bool IsRelayed => link.IsRelayed;

    public ConnectionLimit? Limit => link.Limit;

    public ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask CloseAsync(EndReason reason, CancellationToken cancellationToken) => link.DisposeAsync();

    public void Abort(EndReason reason) => link.Abort(reason);

    public ValueTask DisposeAsync() => link.DisposeAsync();
}
