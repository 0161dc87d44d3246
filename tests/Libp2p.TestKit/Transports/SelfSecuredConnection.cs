using System.Collections.Concurrent;
using Libp2p.Connections;
using Libp2p.Muxers;

namespace Libp2p.TestKit;

/// <summary>One end of a connection of a <see cref="SelfSecuringTransport"/>.</summary>
public sealed class SelfSecuredConnection : IMuxedConnection
{
    private readonly ConcurrentDictionary<long, SelfSecuredStream> _streams = new();
    private readonly ConcurrentDictionary<long, ErrorCode> _stopped = new(); // by the remote, before the stream was accepted
    private readonly SelfSecuringNetwork _network;
    private readonly IMuxedConnection _muxed;
    private readonly (Multiaddress Local, Multiaddress Remote) _began;

    internal SelfSecuredConnection(SelfSecuringNetwork network, IMuxedConnection muxed)
    {
        _network = network;
        _muxed = muxed;
        _began = (SelfSecuringNetwork.FromMemory(muxed.LocalAddress), SelfSecuringNetwork.FromMemory(muxed.RemoteAddress));
        (LocalAddress, RemoteAddress) = _began;
    }

    /// <inheritdoc/>
    public Multiaddress LocalAddress { get; private set; }

    /// <inheritdoc/>
    public Multiaddress RemoteAddress { get; private set; }

    /// <inheritdoc/>
    public bool IsRelayed => false;

    /// <inheritdoc/>
    public ConnectionLimit? Limit => null;

    /// <inheritdoc/>
    public MuxerCapabilities Capabilities => _muxed.Capabilities | MuxerCapabilities.StopSending;

    /// <inheritdoc/>
    public Task<EndReason> Completion => _muxed.Completion;

    /// <inheritdoc/>
    public int StreamCount => _muxed.StreamCount;

    /// <inheritdoc/>
    public bool TakesStreams => _muxed.TakesStreams;

    /// <inheritdoc/>
    public long BytesSent => _muxed.BytesSent;

    /// <inheritdoc/>
    public long BytesReceived => _muxed.BytesReceived;

    private SelfSecuredConnection? Other => _network.Other(_began.Local, _began.Remote);

    /// <inheritdoc/>
    public MuxerState GetState() => _muxed.GetState();

    /// <summary>This end goes on from another address, and the remote sees it there (QUIC migration).</summary>
    public void MoveTo(Multiaddress address)
    {
        LocalAddress = address;
        if (Other is { } other)
        {
            other.RemoteAddress = address;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IMuxedStream> OpenStreamAsync(CancellationToken cancellationToken) => Track(await _muxed.OpenStreamAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<IMuxedStream?> AcceptStreamAsync(CancellationToken cancellationToken) =>
        await _muxed.AcceptStreamAsync(cancellationToken) is { } stream ? Track(stream) : null;

    /// <inheritdoc/>
    public ValueTask CloseAsync(EndReason reason, CancellationToken cancellationToken) => _muxed.CloseAsync(reason, cancellationToken);

    /// <inheritdoc/>
    public void Abort(EndReason reason) => _muxed.Abort(reason);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _muxed.DisposeAsync();

    /// <summary>The end reads a stream no more: the other end's writes have no reader.</summary>
    internal void TellStopped(long id) => Other?.Stop(id);

    internal void Forget(long id) => _streams.TryRemove(id, out _);

    private void Stop(long id)
    {
        _stopped[id] = default;
        if (_streams.TryGetValue(id, out SelfSecuredStream? stream))
        {
            stream.Stop();
        }
    }

    private SelfSecuredStream Track(IMuxedStream muxed)
    {
        SelfSecuredStream stream = new(this, muxed);
        _streams[stream.Id] = stream;
        if (_stopped.ContainsKey(stream.Id))
        {
            stream.Stop();
        }

        return stream;
    }
}
