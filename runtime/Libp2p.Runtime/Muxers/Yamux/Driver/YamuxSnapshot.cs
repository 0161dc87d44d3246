using Libp2p.Connections;

namespace Libp2p.Muxers.Yamux;

/// <summary>A session at one moment, for the dump of a node's state.</summary>
/// <param name="End">Why it ended; null while it is open.</param>
/// <param name="GoingAway">Why it is about to end: the remote said goodbye.</param>
/// <param name="RoundTrip">The smoothed round trip, or null before the first was measured.</param>
/// <param name="Inbound">Streams the remote opened.</param>
/// <param name="Outbound">Streams we opened.</param>
/// <param name="Unacknowledged">Of ours, those the remote has not acknowledged.</param>
/// <param name="WaitingToOpen">Callers that wait for acknowledgements.</param>
/// <param name="WaitingToBeAccepted">Streams that nobody accepted yet.</param>
/// <param name="Lingering">Streams that only the remote keeps open.</param>
/// <param name="Memory">Bytes that the remote made us hold, or that its windows promise beyond the initial size.</param>
/// <param name="Segments">Rented buffers, in both directions.</param>
/// <param name="Streams">The open streams, by number.</param>
internal sealed record YamuxSnapshot(
    EndReason? End,
    EndReason? GoingAway,
    TimeSpan? RoundTrip,
    int Inbound,
    int Outbound,
    int Unacknowledged,
    int WaitingToOpen,
    int WaitingToBeAccepted,
    int Lingering,
    long Memory,
    int Segments,
    IReadOnlyList<YamuxStreamSnapshot> Streams);

/// <summary>A stream at one moment.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Direction">Who opened it.</param>
/// <param name="State">How far it has come.</param>
/// <param name="SendWindow">Bytes the remote takes now.</param>
/// <param name="Queued">Flushed bytes that were not sent.</param>
/// <param name="IsWriterWaiting">Whether a flush waits.</param>
/// <param name="ReceiveWindow">Bytes the remote may send, in all.</param>
/// <param name="ReceiveWindowLeft">Bytes it may send now.</param>
/// <param name="Buffered">Bytes that the application has not consumed.</param>
/// <param name="IsReaderWaiting">Whether a read waits.</param>
/// <param name="Sent">Bytes sent in all.</param>
/// <param name="Received">Bytes received in all.</param>
internal readonly record struct YamuxStreamSnapshot(
    uint Id,
    Direction Direction,
    YamuxStreamState State,
    uint SendWindow,
    long Queued,
    bool IsWriterWaiting,
    int ReceiveWindow,
    int ReceiveWindowLeft,
    long Buffered,
    bool IsReaderWaiting,
    long Sent,
    long Received);
