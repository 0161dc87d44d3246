namespace Libp2p.Muxers.Yamux;

/// <content>What a connection tells of itself.</content>
internal sealed partial class YamuxConnection
{
    /// <summary>The session; <see cref="Gate"/> guards it.</summary>
    public YamuxSession Session => _session;

    /// <inheritdoc/>
    public long BytesReceived => Volatile.Read(ref _received);

    /// <inheritdoc/>
    public long BytesSent => Volatile.Read(ref _sent);

    /// <inheritdoc/>
    public MuxerState GetState()
    {
        lock (Gate)
        {
            return new MuxerState
            {
                Sent = BytesSent,
                Received = BytesReceived,
                RoundTrip = _session.RoundTrip == 0 ? null : Time.GetElapsedTime(0, _session.RoundTrip),
                WaitingToOpen = _opening?.Count ?? 0,
                WaitingToBeAccepted = _session.WaitingToBeAccepted,
                Ending = (_session.EndReason ?? _session.GoingAway)?.ToString(),
                Streams = [.. _session.Table.Streams.OrderBy(stream => stream.StreamId).Select(Describe)],
            };
        }
    }

    private static MuxedStreamState Describe(SessionStream stream) => new(stream.StreamId, stream.Direction)
    {
        Sent = stream.Sent,
        Received = stream.Received,
        SendWindow = stream.SendWindow,
        ReceiveWindow = stream.ReceiveWindow.Left,
        Queued = stream.Queued,
        Buffered = stream.Buffered,
        IsWriterWaiting = stream.IsWriterWaiting,
        IsReaderWaiting = stream.IsReaderWaiting,
        IsWriteClosed = stream.State.WriteClosed,
        IsRemoteWriteClosed = stream.State.FinReceived,
    };
}
