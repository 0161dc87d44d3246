namespace Libp2p.Muxers.Yamux;

/// <content>What a connection tells of itself.</content>
internal sealed partial class YamuxConnection
{
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

    /// <summary>What it looks like now. Cheap: it copies numbers, and stops the session for no longer.</summary>
    public YamuxSnapshot Snapshot()
    {
        lock (Gate)
        {
            return new YamuxSnapshot(
                _session.EndReason,
                _session.GoingAway,
                _session.RoundTrip == 0 ? null : Time.GetElapsedTime(0, _session.RoundTrip),
                _session.Table.Inbound,
                _session.Table.Outbound,
                _session.Table.Unacknowledged,
                _opening?.Count ?? 0,
                _session.WaitingToBeAccepted,
                _session.Lingering,
                Memory.Used,
                Segments.Rented,
                [.. _session.Table.Streams.Select(Snapshot).OrderBy(stream => stream.Id)]);
        }
    }

    private static YamuxStreamSnapshot Snapshot(SessionStream stream) => new(
        stream.StreamId,
        stream.Direction,
        stream.State,
        stream.SendWindow,
        stream.Queued,
        stream.IsWriterWaiting,
        stream.ReceiveWindow.Size,
        stream.ReceiveWindow.Left,
        stream.Buffered,
        stream.IsReaderWaiting,
        stream.Sent,
        stream.Received);

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
