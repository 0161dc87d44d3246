using Libp2p.Connections;
using Libp2p.Muxers;
using Libp2p.Scheduling;

namespace Libp2p.Benchmarks.Calls;

/// <summary>An opener with one stream in memory, handed out again and again, and the responder at its other end.</summary>
internal sealed class KeptStream : IStreamOpener, IAsyncDisposable
{
    private readonly InMemoryStreamPair _pair = new();
    private readonly P2PStream _stream;
    private readonly Task _serving;

    public KeptStream(Protocol<IEchoed> protocol)
    {
        _stream = new P2PStream(_pair.Initiator, protocol.Ids[0], null, Time);
        P2PStream inbound = new(_pair.Responder, protocol.Ids[0], null, Time);
        _serving = protocol.CreateHandlers(new Echoed())[0].HandleAsync(inbound, default).AsTask();
    }

    public TimeProvider Time => TimeProvider.System;

    public NodeScheduler Scheduler => ThreadPoolScheduler.Instance;

    public IRandomSource Random => CryptoRandomSource.Instance;

    public ValueTask<P2PStream> OpenStreamAsync(StreamRequest request, CancellationToken cancellationToken) => new(_stream);

    public void Return(P2PStream stream, StreamRequest request)
    {
    }

    public bool TryRun(Func<CancellationToken, Task> work) => false;

    /// <summary>Ends the stream, and waits for the responder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _serving;
    }
}
