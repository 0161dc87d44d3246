namespace Libp2p.Muxers.Yamux;

/// <content>What a session tells of itself.</content>
internal sealed partial class YamuxConnection
{
    private long _received; // the reader's, for others to read
    private long _sent; // the writer's, for others to read

    /// <inheritdoc/>
    public long BytesReceived => Volatile.Read(ref _received);

    /// <inheritdoc/>
    public long BytesSent => Volatile.Read(ref _sent);

    /// <inheritdoc/>
    public MuxerState GetState()
    {
        YamuxSnapshot session = Snapshot();
        return new MuxerState
        {
            Sent = BytesSent,
            Received = BytesReceived,
            RoundTrip = session.RoundTrip,
            WaitingToOpen = session.WaitingToOpen,
            WaitingToBeAccepted = session.WaitingToBeAccepted,
            Ending = (session.End ?? session.GoingAway)?.ToString(),
            Streams = [.. session.Streams.Select(Describe)],
        };
    }

    private static MuxedStreamState Describe(YamuxStreamSnapshot stream) => new(stream.Id, stream.Direction)
    {
        Sent = stream.Sent,
        Received = stream.Received,
        SendWindow = stream.SendWindow,
        ReceiveWindow = stream.ReceiveWindowLeft,
        Queued = stream.Queued,
        Buffered = stream.Buffered,
        IsWriterWaiting = stream.IsWriterWaiting,
        IsReaderWaiting = stream.IsReaderWaiting,
        IsWriteClosed = stream.State.WriteClosed,
        IsRemoteWriteClosed = stream.State.FinReceived,
    };
}
